import type { Group, Person } from './people.js';

/** An identity provider as the bridge meets it: each method sends the requests that the real one sends on that occasion. */
export interface IdentityProvider {
  readonly name: string;
  /** Requests that it has open at once. */
  readonly concurrency: number;
  /** Members that it names in one push. */
  readonly batch: number;
  /** The admin presses "test connection". */
  connect(): Promise<void>;
  /** A person is assigned to the application: found, or created. Also after a leave. */
  assign(person: Person): Promise<void>;
  /** What follows when all people are there. */
  linkManagers?(person: Person): Promise<void>;
  updateProfile(person: Person): Promise<void>;
  deactivate(person: Person): Promise<void>;
  /** A group is found, or created without members. */
  pushGroup(group: Group): Promise<void>;
  /** @param group as it is named afterwards */
  renameGroup(group: Group): Promise<void>;
  addMembers(group: Group, people: readonly Person[]): Promise<void>;
  removeMembers(group: Group, people: readonly Person[]): Promise<void>;
  /** States again what it stated before: everything is pushed anew. */
  repeatPerson(person: Person): Promise<void>;
  repeatGroup(group: Group, people: readonly Person[]): Promise<void>;
}

/** The ids that the bridge gave, as a provider keeps them. */
export class Links {
  private readonly ids = new Map<number, string>();

  constructor(private readonly what: string) {}

  set(key: number, id: string): string {
    this.ids.set(key, id);
    return id;
  }

  has(key: number): boolean {
    return this.ids.has(key);
  }

  /** @throws when the bridge never answered an id: what depends on it cannot be pushed */
  get(key: number): string {
    const id = this.ids.get(key);
    if (id === undefined) throw new Unlinked(this.what, key);
    return id;
  }
}

/** A push could not be sent because an earlier one was refused. */
export class Unlinked extends Error {
  constructor(what: string, key: number) {
    super(`${what} ${key} has no id in the bridge: an earlier push was refused`);
    this.name = 'Unlinked';
  }
}

/** Invented ids of a provider's own: the same for the same seed and number, different for others. */
export function externalId(prefix: string, seed: number, key: number, length: number): string {
  const digits = `${seed.toString(36)}x${key.toString(36)}`;
  return `${prefix}${'0'.repeat(Math.max(0, length - prefix.length - digits.length))}${digits}`;
}
