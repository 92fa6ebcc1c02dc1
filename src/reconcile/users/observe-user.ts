import { GoneError } from '../../coder/index.js';
import type { CoderClient, CoderUser } from '../../coder/index.js';
import { fold } from '../../common/index.js';
import type { Link, UserTarget } from '../../directory/index.js';
import type { DeploymentReader } from '../deployment.js';
import type { AccountIndex, AccountSnapshot } from '../ports.js';
import type { RunSession } from '../session.js';
import { knownUser } from './known-user.js';
import type { ObservedUser } from './observed-user.js';

/** A list of users may be this old and still decide. */
export const SNAPSHOT_MAX_AGE_MS = 30_000;

const NOTHING: ObservedUser = { account: null, sameEmail: null, fresh: false };

/** Whether what was last seen may be gone by, and that it is. */
export type Trust = Pick<RunSession, 'mayTrust' | 'trust'>;

/** Looks at Coder for one user, with as few calls as there can be. */
export class UserObserver {
  constructor(
    private readonly coder: CoderClient,
    private readonly accounts: AccountSnapshot,
    private readonly deployment: Pick<DeploymentReader, 'confirmSight'>,
    /** Whether more than a few users wait to be created. */
    private readonly manyArrive: () => Promise<boolean>,
  ) {}

  /**
   * @throws CoderError when Coder cannot be read; a failed reading is never taken for "nobody"
   */
  async observe(target: UserTarget, session: Trust): Promise<ObservedUser> {
    const known = session.mayTrust ? knownUser(target) : null;
    if (known) {
      session.trust();
      return known;
    }
    if (target.link) return this.linked(target.link);
    if (target.intent)
      return { account: null, sameEmail: await this.announced(target, target.intent.key), fresh: true };
    if (target.deleted || !target.active || target.email === null) return NOTHING;
    const listed = (await this.index())?.byEmail(fold(target.email));
    if (!listed) return NOTHING;
    return { account: null, sameEmail: await this.searchEmail(target.email), fresh: true };
  }

  /**
   * The list of Coder's users, where one is at hand or many are about to be created. A single creation goes without: Coder refuses
   * a taken email or username, and then it is looked for.
   */
  private async index(): Promise<AccountIndex | undefined> {
    const atHand = this.accounts.peek(SNAPSHOT_MAX_AGE_MS);
    if (atHand || !(await this.manyArrive())) return atHand;
    return this.accounts.get(SNAPSHOT_MAX_AGE_MS);
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
   * That a linked account exists is learned from its username answering the same id; never from its id, by which Coder also
   * answers deleted users. How it stands is always read: since the list another worker may have changed it, and a suspension
   * that the list shows as done would be left out. Each account is a path of its own for the rate limit.
   */
  private async linked({ coderId, coderName }: Link): Promise<ObservedUser> {
    const known = this.accounts.peek(SNAPSHOT_MAX_AGE_MS)?.byId(coderId)?.username ?? coderName;
    const account = (await this.named(known, coderId)) ?? (await this.renamed(known, coderId));
    if (account) this.accounts.noteChanged(account);
    else this.accounts.noteDeleted(coderId);
    return { account, sameEmail: null, fresh: true };
  }

  /** Renamed behind the bridge's back, gone, or hidden. Its id tells the present username, by which it is looked up again. */
  private async renamed(before: string, coderId: string): Promise<CoderUser | null> {
    await this.deployment.confirmSight();
    const username = (await this.find(coderId))?.username ?? before;
    return this.named(username, coderId);
  }

  private async named(username: string, coderId: string): Promise<CoderUser | null> {
    const account = await this.find(username);
    return account?.id === coderId ? account : null;
  }

  /** By username or id; by id also a deleted one. */
  private async find(user: string): Promise<CoderUser | null> {
    try {
      return await this.coder.getUser(user);
    } catch (error) {
      if (error instanceof GoneError) return null;
      throw error;
    }
  }
}

/** A bare term finds substrings of email and username. What follows a colon or a quote would be read as syntax, so it ends there. */
function searchTerm(email: string): string {
  return email.split(/[:"]/, 1)[0] ?? '';
}
