import { GoneError } from '../../coder/index.js';
import type { CoderClient, CoderUser } from '../../coder/index.js';
import { fold } from '../../common/index.js';
import type { Link, UserTarget } from '../../directory/index.js';
import type { DeploymentReader } from '../deployment.js';
import type { UserView } from '../planner/index.js';
import type { AccountIndex, AccountSnapshot } from '../ports.js';

/** A list of users may be this old and still decide. */
export const SNAPSHOT_MAX_AGE_MS = 30_000;

/** What was seen, and whether Coder was asked for it just now; else at most a creation follows from it. */
export interface ObservedUser extends UserView {
  readonly fresh: boolean;
}

const NOTHING: ObservedUser = { account: null, sameEmail: null, fresh: false };

/** Looks at Coder for one user, with as few calls as there can be. */
export class UserObserver {
  constructor(
    private readonly coder: CoderClient,
    private readonly accounts: AccountSnapshot,
    private readonly deployment: Pick<DeploymentReader, 'confirmSight'>,
  ) {}

  /**
   * @throws CoderError when Coder cannot be read; a failed reading is never taken for "nobody"
   */
  async observe(target: UserTarget): Promise<ObservedUser> {
    if (target.link) return this.linked(target.link);
    if (target.intent)
      return { account: null, sameEmail: await this.announced(target, target.intent.key), fresh: true };
    if (target.deleted || !target.active || target.email === null) return NOTHING;
    const index = await this.accounts.get(SNAPSHOT_MAX_AGE_MS);
    const listed = index.byEmail(fold(target.email));
    if (!listed) return NOTHING;
    return { account: null, sameEmail: await this.searchEmail(target.email), fresh: true };
  }

  /** A creation was announced and its answer is not known: the account is looked for by the email it was sent with. */
  private async announced(target: UserTarget, email: string): Promise<CoderUser | null> {
    const made = await this.searchEmail(email);
    if (made || target.email === null || fold(target.email) === fold(email)) return made;
    return this.searchEmail(target.email);
  }

  /** The usernames that Coder has, as far as the list at hand knows them. */
  takenUsernames(): AccountIndex['usernames'] {
    return this.accounts.peek(Number.POSITIVE_INFINITY)?.usernames ?? { has: () => false };
  }

  /** The account with this very email. Coder's search finds substrings, so what it found is compared here. */
  async searchEmail(email: string): Promise<CoderUser | null> {
    const wanted = fold(email);
    const { users } = await this.coder.listUsers({ q: searchTerm(email) });
    return users.find((user) => fold(user.email) === wanted) ?? null;
  }

  /**
   * That a linked account exists is learned from the list, or by its username answering the same id; never by its id, by
   * which Coder also answers deleted users. How it stands is always read: since the list another worker may have changed it,
   * and a suspension that the list shows as done would be left out. Each account is a path of its own for the rate limit.
   */
  private async linked({ coderId, coderName }: Link): Promise<ObservedUser> {
    const named = await this.byUsername(
      this.accounts.peek(SNAPSHOT_MAX_AGE_MS)?.byId(coderId)?.username ?? coderName,
    );
    if (named?.id === coderId) return { account: this.keep(named), sameEmail: null, fresh: true };
    // Renamed behind the bridge's back, gone, or hidden: only a new list of all users tells, to who sees them all.
    await this.deployment.confirmSight();
    this.accounts.invalidate();
    const listed = (await this.accounts.get(0)).byId(coderId);
    const account = listed ? await this.byUsername(listed.username) : null;
    return { account: account?.id === coderId ? this.keep(account) : null, sameEmail: null, fresh: true };
  }

  private async byUsername(username: string): Promise<CoderUser | null> {
    try {
      return await this.coder.getUser(username);
    } catch (error) {
      if (error instanceof GoneError) return null;
      throw error;
    }
  }

  private keep(account: CoderUser): CoderUser {
    this.accounts.noteChanged(account);
    return account;
  }
}

/** A bare term finds substrings of email and username. What follows a colon or a quote would be read as syntax, so it ends there. */
function searchTerm(email: string): string {
  return email.split(/[:"]/, 1)[0] ?? '';
}
