import { beforeAll, describe, expect, it } from 'vitest';
import { SqlMixedLists } from '../../src/directory/index.js';
import type { AttributeReference, Page, PageRequest, ShownUser, Sort } from '../../src/directory/index.js';
import { groupState, testDirectory, userState } from '../support/directory.js';
import type { TestDirectory } from '../support/directory.js';
import { ENGINES, useEngine } from '../support/engines.js';

function attribute(path: string, more: Partial<AttributeReference> = {}): AttributeReference {
  return { path: path.split('/'), type: 'string', caseExact: false, multiValued: false, ...more };
}

const KEYS: readonly AttributeReference[] = [
  attribute('userName'),
  attribute('externalId', { caseExact: true }),
  attribute('title'),
  attribute('active', { type: 'boolean' }),
  attribute('flag', { type: 'boolean', single: true }),
  attribute('level', { type: 'decimal', single: true }),
  attribute('since', { type: 'dateTime', single: true }),
  attribute('meta/created', { type: 'dateTime' }),
  attribute('meta/lastModified', { type: 'dateTime' }),
  attribute('emails/value', { multiValued: true }),
  attribute('groups/display', { multiValued: true }),
  attribute('groups/value', { multiValued: true, caseExact: true }),
];

describe.each(ENGINES)('lists on %s', (name) => {
  const held = useEngine(name);
  let directory: TestDirectory;

  beforeAll(async () => {
    directory = await testDirectory(held.engine.database);
    const ids: string[] = [];
    for (let i = 0; i < 25; i++) {
      const userName = `${i % 2 ? 'U' : 'u'}${(i * 7) % 25}`;
      const document = {
        userName,
        ...(i % 3 && { title: ['B', 'a', 'ä', 'b'][i % 4] ?? '' }),
        ...(i % 4 && { flag: i % 8 < 4, level: ((i * 5) % 9) / 4 }),
        ...(i % 5 && { since: `2024-01-0${(i % 7) + 1}T00:00:00.${i % 3}Z` }),
        emails: [{ value: `z${i % 6}@x` }, { value: `a${i % 5}@x`, ...(i % 2 && { primary: true }) }],
      };
      const more = { document, active: i % 3 > 0, externalId: i % 6 ? `e${userName}` : null };
      ids.push((await directory.users.create(directory.context, userState(userName, more))).resource.id);
    }
    await directory.groups.create(directory.context, groupState('B'), ids.slice(0, 9));
    await directory.groups.create(directory.context, groupState('a'), ids.slice(5, 15));
  });

  const page = (more: Partial<PageRequest>): Promise<Page<ShownUser>> =>
    directory.users.list(directory.context.connectionId, {
      offset: 0,
      limit: 100,
      withReferences: false,
      ...more,
    });

  /** All pages by cursors, from the first to the last and back. */
  async function walk(sort: Sort, limit: number): Promise<[string[], string[]]> {
    const at = (cursor: string) => page({ sort, limit, cursor: { at: cursor, seconds: 60 } });
    const there: string[] = [];
    let last = await at('');
    for (;;) {
      there.push(...last.items.map(({ id }) => id));
      if (last.next === undefined) break;
      last = await at(last.next);
    }
    const back: string[] = [];
    for (;;) {
      back.unshift(...last.items.map(({ id }) => id));
      if (last.previous === undefined) return [there, back];
      last = await at(last.previous);
    }
  }

  it.each(KEYS.map((key) => [key.path.join('.'), key] as const))(
    'have one order by %s, whichever way they are paged',
    async (_, key) => {
      const orders: string[][] = [];
      for (const descending of [false, true]) {
        const sort = { attribute: key, descending };
        const whole = (await page({ sort })).items.map(({ id }) => id);
        expect(new Set(whole).size).toBe(25);
        expect(await walk(sort, 4)).toEqual([whole, whole]);
        const byIndex: string[] = [];
        for (let offset = 0; offset < 25; offset += 6)
          byIndex.push(...(await page({ sort, offset, limit: 6 })).items.map(({ id }) => id));
        expect(byIndex).toEqual(whole);
        orders.push(whole);
      }
      expect(orders[0]).toEqual(orders[1]?.toReversed());
    },
  );

  it('have users and groups together', async () => {
    const lists = new SqlMixedLists(held.engine.database);
    for (const key of [...KEYS, attribute('displayName'), null]) {
      const part = { sort: { attribute: key, descending: true }, withReferences: true };
      const request = { users: part, groups: part, offset: 0 };
      const { connectionId } = directory.context;
      const whole = await lists.list(connectionId, { ...request, limit: 100 });
      expect(whole.items).toHaveLength(27);
      const walked: unknown[] = [];
      for (let at: string | undefined = ''; at !== undefined;) {
        const cursor = { at, seconds: 60 };
        const one: typeof whole = await lists.list(connectionId, { ...request, limit: 5, cursor });
        walked.push(...one.items);
        at = one.next;
      }
      expect(walked).toEqual(whole.items);
    }
  });
});
