import type { Queryable } from '../../database/index.js';
import type { Page, PageRequest } from '../model.js';
import type { Cursors, Remembered } from './cursors.js';
import type { Place } from './keyset.js';
import { countRows, readRows } from './source.js';
import type { Source, SourceRow, Span } from './source.js';

/**
 * Reads a page by its offset, or by a cursor (RFC 9865).
 *
 * @param list says which list it is, and whose: cursors of one are of no use for another
 * @throws DirectoryError invalidCursor, expiredCursor
 */
export async function readPageOf<Row extends SourceRow>(
  database: Queryable,
  cursors: Cursors,
  source: Source,
  list: string,
  page: Pick<PageRequest, 'offset' | 'limit' | 'cursor'>,
): Promise<Page<Row>> {
  const { cursor, offset, limit } = page;
  if (!cursor) return readIndexPage(database, source, offset, limit);
  const seal = (remembered: Remembered) => cursors.seal(remembered, list, cursor.seconds);
  const pages = new CursorPages<Row>(database, source, limit, seal);
  return pages.read(cursor.at === '' ? null : await cursors.open(cursor.at, list));
}

/** The total is counted only where the page itself does not tell it. */
async function readIndexPage<Row extends SourceRow>(
  database: Queryable,
  source: Source,
  offset: number,
  limit: number,
): Promise<Page<Row>> {
  const items = await readRows<Row>(database, source, { offset, limit });
  const ended = items.length < limit && (items.length > 0 || offset === 0);
  return { total: ended ? offset + items.length : await countRows(database, source), items };
}

/** Pages that begin where another one ended: no row is passed over, and none comes twice while rows come and go. */
class CursorPages<Row extends SourceRow> {
  constructor(
    private readonly database: Queryable,
    private readonly source: Source,
    private readonly limit: number,
    private readonly seal: (remembered: Remembered) => Promise<string>,
  ) {}

  /** @param from null for the first page */
  async read(from: Remembered | null): Promise<Page<Row>> {
    if (from === null) return this.first();
    const { place, before, total } = from;
    if (place === null) return this.first(total);
    return before ? this.before(place, total) : this.after(place, total);
  }

  private async first(known?: number): Promise<Page<Row>> {
    const { items, more } = await this.rows({});
    const total = known ?? (more ? await countRows(this.database, this.source) : items.length);
    return { total, items, ...(await this.links(items, total, { next: more, previous: false })) };
  }

  private async after(place: Place, total: number): Promise<Page<Row>> {
    const { items, more } = await this.rows({ place });
    // Where all that came after the place is gone, there is no row to begin before.
    return { total, items, ...(await this.links(items, total, { next: more, previous: true })) };
  }

  private async before(place: Place, total: number): Promise<Page<Row>> {
    const { items, more } = await this.rows({ place, backwards: true });
    // Where all that came before the place is gone, the page is the first one, and empty; what was seen does not come again.
    if (items.length === 0)
      return { total, items, next: await this.seal({ place: null, before: false, total }) };
    const forward = items.toReversed();
    return {
      total,
      items: forward,
      ...(await this.links(forward, total, { next: true, previous: more })),
    };
  }

  /** One row more than the page takes tells whether there is another page. */
  private async rows(span: Omit<Span, 'limit'>): Promise<{ readonly items: Row[]; readonly more: boolean }> {
    const rows = await readRows<Row>(this.database, this.source, { ...span, limit: this.limit + 1 });
    return { items: rows.slice(0, this.limit), more: rows.length > this.limit };
  }

  private async links(
    items: readonly Row[],
    total: number,
    wanted: { readonly next: boolean; readonly previous: boolean },
  ): Promise<Pick<Page<Row>, 'next' | 'previous'>> {
    const [first, last] = [items.at(0), items.at(-1)];
    const seal = (row: Row, before: boolean) =>
      this.seal({ place: { id: row.id, key: row.sort_key ?? null }, before, total });
    return {
      ...(wanted.next && last && { next: await seal(last, false) }),
      ...(wanted.previous && first && { previous: await seal(first, true) }),
    };
  }
}
