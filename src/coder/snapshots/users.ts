import type { CoderClient } from '../client.js';
import { ThrottledError, TransientError } from '../errors.js';
import type { CoderUser, CoderUsersPage } from '../types.js';
import { FreshCopy, MAX_AGE_MS, type FreshCopyOptions, type LoadContext } from './fresh-copy.js';
import { UserIndex, UserTrimmer, type UsersView } from './user-index.js';
import { doubtOf, walkUsers, type Listing } from './user-listing.js';

const PAGE_SIZE = 1_000;
const TRIES = 2;

export interface UserSnapshotOptions extends FreshCopyOptions {
  /** Users per page; default 1,000. */
  readonly pageSize?: number;
}

/**
 * Coder's users, listed once for many decisions: all searches and creations share one path of the rate limit, so that a
 * search for each user would exhaust it. It may decide only *create* (a 409 is the net) and *nothing to do*; who adopts,
 * suspends or removes reads the resource first. Of roles it keeps the names.
 */
export class UserSnapshot {
  private readonly copy: FreshCopy<UserIndex>;
  private trimmer = new UserTrimmer();
  private readonly pageSize: number;
  /** Own changes since the present walk over the pages began; none: no walk is under way. */
  private own: { readonly upserted: Set<string>; readonly deleted: Set<string> } | undefined;

  constructor(
    private readonly client: Pick<CoderClient, 'listUsers'>,
    options: UserSnapshotOptions,
  ) {
    this.pageSize = options.pageSize ?? PAGE_SIZE;
    this.copy = new FreshCopy((context) => this.load(context), options);
  }

  /**
   * All users, at most `maxAgeMs` old. The view lives on with own changes until the next list replaces it: use it at
   * once, do not keep it.
   *
   * @throws CoderError; never a partial list. ThrottledError also while a long list waits for the limiter: it goes on
   * meanwhile, and is there when the time that the error names has passed.
   */
  get(maxAgeMs = MAX_AGE_MS): Promise<UsersView> {
    return this.copy.get(maxAgeMs);
  }

  /** The snapshot at hand if it is not older than `maxAgeMs`; never calls Coder. */
  peek(maxAgeMs = MAX_AGE_MS): UsersView | undefined {
    return this.copy.peek(maxAgeMs);
  }

  /** Whether {@link get} would list anew. */
  stale(maxAgeMs = MAX_AGE_MS): boolean {
    return this.copy.stale(maxAgeMs);
  }

  /** Something contradicted the snapshot: the next {@link get} lists anew. */
  invalidate(): void {
    this.copy.invalidate();
  }

  /** The bridge created this user. */
  noteCreated(user: CoderUser): void {
    this.noteChanged(user);
  }

  /** The bridge changed this user, or read it. */
  noteChanged(user: CoderUser): void {
    const kept = this.trimmer.trim(user);
    this.own?.upserted.add(user.id);
    this.copy.write((index) => index.put(kept));
  }

  /** The bridge deleted this user, or found that it is gone. */
  noteDeleted(id: string): void {
    this.own?.deleted.add(id);
    this.copy.write((index) => index.delete(id));
  }

  private async load(context: LoadContext): Promise<UserIndex> {
    let doubt = '';
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const own = (this.own = { upserted: new Set<string>(), deleted: new Set<string>() });
      this.trimmer = new UserTrimmer();
      try {
        const listing = await this.walk(context);
        const why = doubtOf(listing, own);
        if (why === undefined) return new UserIndex(listing.users);
        doubt = why;
      } finally {
        this.own = undefined;
      }
    }
    throw new TransientError('GET /users', doubt, false, 200);
  }

  private walk(context: LoadContext): Promise<Listing> {
    return walkUsers(
      (afterId, left) => this.page(context, afterId, Math.ceil(left / this.pageSize)),
      this.pageSize,
      (user) => this.trimmer.trim(user),
    );
  }

  /** One page, however often the limiter makes it wait. The list goes ahead of those who wait for it. */
  private async page(
    context: LoadContext,
    afterId: string | undefined,
    pagesLeft: number,
  ): Promise<CoderUsersPage> {
    for (;;) {
      try {
        const query = { limit: this.pageSize, ...(afterId !== undefined && { after_id: afterId }) };
        return await this.client.listUsers(query, { urgent: true });
      } catch (error) {
        if (!(error instanceof ThrottledError)) throw error;
        await context.pause(error, pagesLeft);
      }
    }
  }
}
