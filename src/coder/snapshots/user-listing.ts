import type { CoderUser, CoderUsersPage } from '../types.js';

/** All users, as a walk over the pages found them. */
export interface Listing {
  readonly users: Map<string, CoderUser>;
  /** How many users there were by the first page, and by the last one. */
  readonly first: number;
  readonly last: number;
}

/** Reads one page of users that come after `afterId`; `left` is how many are still expected. */
export type ReadPage = (afterId: string | undefined, left: number) => Promise<CoderUsersPage>;

/**
 * Walks over Coder's users by `after_id`. Users sort by lower(username) and the cursor is a place in that order, so that
 * users who come or go meanwhile make no gap (by offset they would); only a user who is renamed to before the cursor is
 * missed.
 *
 * `count` of a page after the first is in Coder the number of users that come after the cursor (the count is taken over
 * the filtered rows), although it reads like the number of all: both are understood.
 */
export async function walkUsers(
  read: ReadPage,
  pageSize: number,
  keep: (user: CoderUser) => CoderUser,
): Promise<Listing> {
  const users = new Map<string, CoderUser>();
  let first: number | undefined;
  let last = 0;
  let afterId: string | undefined;
  for (;;) {
    const before = users.size;
    const page = await read(afterId, last - before);
    last = first === undefined ? page.count : totalBy(page.count, before, last);
    first ??= last;
    for (const user of page.users) users.set(user.id, keep(user));
    afterId = page.users.at(-1)?.id;
    // an empty page, or one that repeats what is known: the end, or a server that ignores the cursor
    if (afterId === undefined || users.size === before) break;
    const full = page.users.length >= pageSize;
    // When users went meanwhile, a full page may be followed by more than the count lets expect.
    if (users.size >= last && (!full || last === first)) break;
  }
  return { users, first, last };
}

/** The number of all users by a page's count, whichever it counts: the one that is nearer to what was known. */
function totalBy(count: number, before: number, known: number): number {
  return Math.abs(count - known) <= Math.abs(count + before - known) ? count : count + before;
}

/** What the bridge itself changed while the list was read. */
export interface OwnChanges {
  readonly upserted: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
}

/**
 * Whether a listing can be trusted to lack nobody; the reason why not. It may lack no more users than visibly came
 * while it was read (those count as having come after it), and nobody may have gone whom the bridge did not delete: a
 * user who was renamed to before the cursor looks the same.
 */
export function doubtOf(listing: Listing, own: OwnChanges): string | undefined {
  const { users, first, last } = listing;
  if (users.size === 0) return "the list of users lacks even the bridge's own account";
  const missed = [...own.upserted].filter((id) => !users.has(id)).length;
  const came = Math.max(0, last - first);
  const gone = Math.max(0, first - last);
  if (last - users.size - missed > came) return 'the list of users is shorter than its count';
  if (gone > own.deleted.size + missed) return 'the list of users changed while it was read';
  return undefined;
}
