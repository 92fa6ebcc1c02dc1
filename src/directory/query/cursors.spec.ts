import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { databaseInMemory } from '../../../test/support/directory-rows.js';
import { codeOf, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import type { Database } from '../../database/index.js';
import type { AttributeReference, Page, PageRequest, Query, ShownUser, Sort } from '../model.js';

let database: Database;
beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
afterEach(() => {
  vi.useRealTimers();
});

const HOUR = 3600;

function attribute(path: string, more: Partial<AttributeReference> = {}): AttributeReference {
  return { path: path.split('/'), type: 'string', caseExact: false, multiValued: false, ...more };
}

const startsWith = (value: string): Query => ({
  kind: 'compare',
  attribute: attribute('userName'),
  operator: 'sw',
  value,
});

type More = Partial<Pick<PageRequest, 'query' | 'sort'>>;

function pageAt(of: TestDirectory, at: string, limit: number, more: More = {}): Promise<Page<ShownUser>> {
  const cursor = { at, seconds: HOUR };
  return of.users.list(of.context.connectionId, { cursor, offset: 0, limit, withReferences: false, ...more });
}

const userName = ({ document }: ShownUser): string => (JSON.parse(document) as { userName: string }).userName;

function add(to: TestDirectory, name: string, title?: string | number): Promise<unknown> {
  const document = { userName: name, ...(title !== undefined && { title }) };
  return to.users.create(to.context, userState(name, { document }));
}

async function team(...names: string[]): Promise<TestDirectory> {
  const directory = await testDirectory(database);
  for (const name of names) await add(directory, name);
  return directory;
}

describe('a walk by cursors', () => {
  it('has a next page on all pages but the last, and a previous one on all but the first', async () => {
    const directory = await team('a', 'b', 'c', 'd', 'e');
    const first = await pageAt(directory, '', 2);
    expect(first).toMatchObject({ total: 5 });
    expect(first.items.map(userName)).toEqual(['a', 'b']);
    expect(first.previous).toBeUndefined();
    const second = await pageAt(directory, first.next ?? '', 2);
    expect(second.items.map(userName)).toEqual(['c', 'd']);
    const third = await pageAt(directory, second.next ?? '', 2);
    expect(third.items.map(userName)).toEqual(['e']);
    expect(third).toMatchObject({ total: 5 });
    expect(third.next).toBeUndefined();
    const back = await pageAt(directory, third.previous ?? '', 2);
    expect(back.items.map(userName)).toEqual(['c', 'd']);
    expect(back.next).toBeDefined();
    const start = await pageAt(directory, back.previous ?? '', 2);
    expect(start.items.map(userName)).toEqual(['a', 'b']);
    expect(start.previous).toBeUndefined();
    expect((await pageAt(directory, start.next ?? '', 9)).items.map(userName)).toEqual(['c', 'd', 'e']);
  });

  it('ends with a page that is just full, and has no cursors where there is one page only', async () => {
    const directory = await team('a', 'b');
    const only = await pageAt(directory, '', 2);
    expect(Object.keys(only).toSorted()).toEqual(['items', 'total']);
    const nobody = await pageAt(directory, '', 2, { query: startsWith('z') });
    expect(nobody).toEqual({ total: 0, items: [] });
  });

  it('comes to an empty first page where all that lay before a page is gone', async () => {
    const directory = await team('a', 'b', 'c');
    const first = await pageAt(directory, '', 1);
    const second = await pageAt(directory, first.next ?? '', 1);
    for (const { id } of first.items) await directory.users.remove(directory.context, id);
    const back = await pageAt(directory, second.previous ?? '', 1);
    expect(back.items).toEqual([]);
    expect(back.previous).toBeUndefined();
    const again = await pageAt(directory, back.next ?? '', 1);
    expect(again.items.map(userName)).toEqual(['b']);
    expect(again.previous).toBeUndefined();
  });

  it('ends where all that lay after a page is gone', async () => {
    const directory = await team('a', 'b', 'c');
    const { next = '' } = await pageAt(directory, '', 2);
    const { items } = await pageAt(directory, next, 2);
    for (const { id } of items) await directory.users.remove(directory.context, id);
    const end = await pageAt(directory, next, 2);
    expect(end.items).toEqual([]);
    expect(end.next).toBeUndefined();
  });

  const sorts = fc.constantFrom<(Sort | undefined)[]>(
    undefined,
    ...[true, false].flatMap((descending) => [
      { attribute: attribute('userName'), descending },
      { attribute: attribute('title'), descending },
      { attribute: attribute('level', { type: 'integer' }), descending },
      { attribute: attribute('meta/created', { type: 'dateTime' }), descending },
      { attribute: null, descending },
    ]),
  );
  const change = fc.record({
    add: fc.boolean(),
    who: fc.nat(),
    title: fc.option(fc.constantFrom('A', 'a', 'b')),
  });

  it('passes over nobody and repeats nobody while users come and go, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        sorts,
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.option(fc.constantFrom('A', 'a', 'b', 'B\u0301')), { minLength: 1, maxLength: 14 }),
        fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 12 }),
        fc.boolean(),
        async (sort, limit, titles, changes, backwards) => {
          const directory = await testDirectory(database);
          const living = new Map<string, string>();
          const make = async (name: string, title: string | null): Promise<void> => {
            const document = { userName: name, level: name.length, ...(title !== null && { title }) };
            const { resource } = await directory.users.create(
              directory.context,
              userState(name, { document }),
            );
            living.set(name, resource.id);
          };
          for (const [i, title] of titles.entries()) await make(`${i % 2 ? 'U' : 'u'}${i}`, title);
          const there = new Set(living.keys());
          const more = sort ? { sort } : {};
          const seen: string[] = [];
          const take = ({ items }: Page<ShownUser>): void => {
            const names = items.map(userName);
            seen.push(...(backwards ? names.toReversed() : names));
          };
          let page = await pageAt(directory, '', limit, more);
          if (backwards) {
            while (page.next !== undefined) page = await pageAt(directory, page.next, limit, more);
          }
          take(page);
          for (let n = 0; ; n++) {
            const link = backwards ? page.previous : page.next;
            if (link === undefined) break;
            // A walk that repeats somebody may never end.
            expect(n).toBeLessThan(100);
            for (const { add: adds, who, title } of changes[n] ?? []) {
              const name = [...living.keys()][who % Math.max(living.size, 1)];
              if (adds) await make(`n${living.size}-${n}-${who}`, title);
              else if (name !== undefined) {
                await directory.users.remove(directory.context, living.get(name) ?? '');
                living.delete(name);
                there.delete(name);
              }
            }
            page = await pageAt(directory, link, limit, more);
            take(page);
          }
          expect(new Set(seen).size).toBe(seen.length);
          expect([...there].filter((name) => !seen.includes(name))).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('comes in the order of index pages', async () => {
    const directory = await testDirectory(database);
    const titles = ['b', undefined, 'A', 'a', undefined, 'c', 'B'];
    for (const [i, title] of titles.entries()) await add(directory, `u${i}`, title);
    for (const descending of [false, true]) {
      const sort = { attribute: attribute('title'), descending };
      const whole = await directory.users.list(directory.context.connectionId, {
        sort,
        offset: 0,
        limit: 9,
        withReferences: false,
      });
      const walked: string[] = [];
      let at: string | undefined = '';
      while (at !== undefined) {
        const page: Page<ShownUser> = await pageAt(directory, at, 2, { sort });
        walked.push(...page.items.map(userName));
        at = page.next;
      }
      expect(walked).toEqual(whole.items.map(userName));
    }
  });
});

describe('a cursor', () => {
  it('is opaque, of characters that need no encoding in a URL', async () => {
    const directory = await team('somebody-known', 'b');
    const sort = { attribute: attribute('userName'), descending: true };
    const { next = '' } = await pageAt(directory, '', 1, { sort });
    expect(next).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(next, 'base64url').toString('latin1')).not.toContain('somebody');
  });

  it('is good for its own list of its own connection only', async () => {
    const [mine, other] = [await team('a', 'b', 'c'), await team('a', 'b', 'c')];
    const { next = '' } = await pageAt(mine, '', 1);
    const sort = { attribute: attribute('userName'), descending: false };
    expect(await codeOf(pageAt(other, next, 1))).toBe('invalidCursor');
    expect(await codeOf(pageAt(mine, next, 1, { sort }))).toBe('invalidCursor');
    expect(await codeOf(pageAt(mine, next, 1, { query: startsWith('a') }))).toBe('invalidCursor');
    const groups = mine.groups.list(mine.context.connectionId, {
      cursor: { at: next, seconds: HOUR },
      offset: 0,
      limit: 1,
      withReferences: false,
    });
    expect(await codeOf(groups)).toBe('invalidCursor');
    expect((await pageAt(mine, next, 2)).items.map(userName)).toEqual(['b', 'c']);
  });

  it('is refused when anything of it is changed, or when it is made up', async () => {
    const directory = await team('a', 'b');
    const { next = '' } = await pageAt(directory, '', 1);
    const bytes = Buffer.from(next, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(await codeOf(pageAt(directory, changed.toString('base64url'), 1))).toBe('invalidCursor');
    }
    for (const made of [
      'x',
      '2',
      next.slice(1),
      next.slice(0, -4),
      `${next}AAAA`,
      'A'.repeat(100),
      '\0%?"',
    ]) {
      expect(await codeOf(pageAt(directory, made, 1))).toBe('invalidCursor');
    }
  });

  it('is too old after its time', async () => {
    const directory = await team('a', 'b');
    // Time stands still but where it is moved.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const { next = '' } = await pageAt(directory, '', 1);
    vi.setSystemTime(Date.now() + HOUR * 1000 - 1000);
    expect((await pageAt(directory, next, 1)).items.map(userName)).toEqual(['b']);
    vi.setSystemTime(Date.now() + 2000);
    expect(await codeOf(pageAt(directory, next, 1))).toBe('expiredCursor');
  });

  it('is understood by every replica', async () => {
    const directory = await team('a', 'b');
    const { UserDirectory } = await import('../users/user-directory.js');
    const { next = '' } = await pageAt(directory, '', 1);
    const replica = { ...directory, users: new UserDirectory(database, { wake: () => undefined }) };
    expect((await pageAt(replica, next, 1)).items.map(userName)).toEqual(['b']);
  });
});
