import { fold } from '../../common/index.js';
import type { CoderUser } from '../types.js';

/** All of Coder's users at a time, with own changes written through. */
export interface UsersView {
  readonly size: number;
  byId(id: string): CoderUser | undefined;
  /** Compared folded. */
  byEmail(email: string): CoderUser | undefined;
  /** Compared folded. */
  byUsername(username: string): CoderUser | undefined;
  /** Folded usernames that are taken. */
  readonly usernames: { has(foldedUsername: string): boolean };
  all(): IterableIterator<CoderUser>;
}

/** Three indexes over the same users. */
export class UserIndex implements UsersView {
  private readonly ids: Map<string, CoderUser>;
  private readonly emails = new Map<string, CoderUser>();
  private readonly names = new Map<string, CoderUser>();

  constructor(users: Map<string, CoderUser>) {
    this.ids = users;
    for (const user of users.values()) this.index(user);
  }

  get size(): number {
    return this.ids.size;
  }

  get usernames(): UsersView['usernames'] {
    return this.names;
  }

  byId(id: string): CoderUser | undefined {
    return this.ids.get(id);
  }

  byEmail(email: string): CoderUser | undefined {
    return this.emails.get(fold(email));
  }

  byUsername(username: string): CoderUser | undefined {
    return this.names.get(fold(username));
  }

  all(): IterableIterator<CoderUser> {
    return this.ids.values();
  }

  put(user: CoderUser): void {
    this.delete(user.id);
    this.ids.set(user.id, user);
    this.index(user);
  }

  delete(id: string): void {
    const user = this.ids.get(id);
    if (!user) return;
    this.ids.delete(id);
    // somebody else may have the email or the name by now
    const email = fold(user.email);
    if (this.emails.get(email) === user) this.emails.delete(email);
    const name = fold(user.username);
    if (this.names.get(name) === user) this.names.delete(name);
  }

  private index(user: CoderUser): void {
    // service accounts have no email
    if (user.email !== '') this.emails.set(fold(user.email), user);
    this.names.set(fold(user.username), user);
  }
}

/**
 * Keeps of users what decisions need, in little memory: equal lists of organizations and roles are one frozen array.
 */
export class UserTrimmer {
  private readonly organizations = new Map<string, string[]>();
  private readonly roles = new Map<string, CoderUser['roles']>();

  trim(user: CoderUser): CoderUser {
    return {
      id: user.id,
      username: user.username,
      email: user.email,
      status: user.status,
      created_at: user.created_at,
      organization_ids: shared(this.organizations, user.organization_ids.join(), () => [
        ...user.organization_ids,
      ]),
      roles: shared(this.roles, user.roles.map((role) => role.name).join(), () =>
        user.roles.map((role) => Object.freeze({ name: role.name })),
      ),
      ...(user.name !== undefined && { name: user.name }),
      ...(user.login_type !== undefined && { login_type: user.login_type }),
    };
  }
}

function shared<T>(known: Map<string, T[]>, key: string, make: () => T[]): T[] {
  let value = known.get(key);
  if (!value) {
    value = make();
    Object.freeze(value);
    known.set(key, value);
  }
  return value;
}
