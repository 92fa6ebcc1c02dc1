import type { Database } from '../database/index.js';
import { GROUP_SHAPE, GROUPS_BY_ID } from './groups/list.js';
import { toShownGroup } from './groups/rows.js';
import type { ShownGroupRow } from './groups/rows.js';
import type { Page, PageRequest, ShownGroup, ShownUser } from './model.js';
import { Cursors } from './query/cursors.js';
import { mixedSource } from './query/mixed-source.js';
import { readPageOf } from './query/pages.js';
import type { UniqueLookup } from './query/shape.js';
import type { SourceRow } from './query/source.js';
import { USER_SHAPE, USERS_BY_ID } from './users/list.js';
import { toShownUser } from './users/rows.js';
import type { ShownUserRow } from './users/rows.js';

/** What is asked of users, or of groups, in a list of both. */
export type MixedListPart = Pick<PageRequest, 'query' | 'sort' | 'withReferences'>;

/** A page of users and groups together; the orders of both have one direction. */
export interface MixedPageRequest extends Pick<PageRequest, 'offset' | 'limit' | 'cursor'> {
  readonly users: MixedListPart;
  readonly groups: MixedListPart;
}

/** A resource of a list of several kinds. */
export type ShownResource =
  | { readonly kind: 'user'; readonly user: ShownUser }
  | { readonly kind: 'group'; readonly group: ShownGroup };

/** Lists over users and groups together. */
export interface MixedLists {
  /** @throws DirectoryError unsupportedQuery, invalidCursor, expiredCursor */
  list(connectionId: string, page: MixedPageRequest): Promise<Page<ShownResource>>;
}

/** Injection token of {@link MixedLists}. */
export const MIXED_LISTS = Symbol('MIXED_LISTS');

type Row = SourceRow & { readonly kind: ShownResource['kind'] };

/** {@link MixedLists} over SQL: one statement finds the page's ids, one more for each kind reads the resources. */
export class SqlMixedLists implements MixedLists {
  private readonly cursors: Cursors;

  constructor(private readonly database: Database) {
    this.cursors = new Cursors(database);
  }

  async list(connectionId: string, page: MixedPageRequest): Promise<Page<ShownResource>> {
    const { users, groups } = page;
    const source = mixedSource(connectionId, [
      { ...users, shape: USER_SHAPE, kind: 'user' },
      { ...groups, shape: GROUP_SHAPE, kind: 'group' },
    ]);
    const asked = [users, groups].map(({ query, sort }) => [query ?? null, sort ?? null]);
    const list = JSON.stringify([connectionId, 'mixed', ...asked]);
    const { items, ...rest } = await readPageOf<Row>(this.database, this.cursors, source, list, page);
    const ids = (kind: Row['kind']) => items.filter((row) => row.kind === kind).map(({ id }) => id);
    const found = new Map<string, ShownResource>();
    for (const row of await this.read<ShownUserRow>(USERS_BY_ID, connectionId, ids('user'), users))
      found.set(row.id, { kind: 'user', user: toShownUser(row) });
    for (const row of await this.read<ShownGroupRow>(GROUPS_BY_ID, connectionId, ids('group'), groups))
      found.set(row.id, { kind: 'group', group: toShownGroup(row) });
    // What was deleted between the two statements is left out.
    return { ...rest, items: items.flatMap(({ id }) => found.get(id) ?? []) };
  }

  private async read<Found extends object>(
    { plain, withReferences }: UniqueLookup,
    connectionId: string,
    ids: readonly string[],
    part: MixedListPart,
  ): Promise<Found[]> {
    if (ids.length === 0) return [];
    return this.database.query<Found>(part.withReferences ? withReferences : plain, [connectionId, ids]);
  }
}
