import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseInMemory } from '../../../test/support/directory-rows.js';
import { codeOf, groupState, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import type { Database } from '../../database/index.js';
import type { AttributeReference, Page, ShownUser } from '../model.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let database: Database;
let directory: TestDirectory;

/** In the order of their ages. */
const PEOPLE: Record<string, object> = {
  bob: {
    title: 'b',
    level: 10,
    since: '2024-01-01T02:00:00+02:00',
    flag: true,
    emails: [{ value: 'z@x' }, { value: 'a@x', primary: true }],
  },
  Ann: {
    title: 'B',
    level: 9.5,
    since: '2024-01-01T00:00:00.5Z',
    flag: false,
    emails: [{ value: 'M@x' }, { value: 'b@x' }],
  },
  cleo: { title: 'Ä', name: { givenName: 'C' }, tags: ['y', 'a'], emails: [] },
  Dan: { name: { givenName: 'b' }, tags: ['x'], [ENTERPRISE]: { department: 'Ops' } },
};

beforeAll(async () => {
  database = await databaseInMemory();
  directory = await testDirectory(database);
  const ids = new Map<string, string>();
  for (const [userName, document] of Object.entries(PEOPLE)) {
    const more = { document: { userName, ...document }, active: userName !== 'Ann' };
    const externalId = userName === 'Dan' ? null : `${userName}-x`;
    const { resource } = await directory.users.create(
      directory.context,
      userState(userName, { ...more, externalId }),
    );
    ids.set(userName, resource.id);
  }
  const member = (name: string): string[] => [ids.get(name) ?? ''];
  await directory.groups.create(directory.context, groupState('b-team'), member('Ann'));
  await directory.groups.create(directory.context, groupState('A-team'), member('cleo'));
  await directory.groups.create(directory.context, groupState('nobody'), []);
});
afterAll(() => database.close());

function attribute(path: string, more: Partial<AttributeReference> = {}): AttributeReference {
  return { path: path.split('/'), type: 'string', caseExact: false, multiValued: false, ...more };
}

const names = ({ items }: Page<ShownUser>): string[] =>
  items.map(({ document }) => (JSON.parse(document) as { userName: string }).userName);

const page = (of: AttributeReference | null, descending: boolean, offset = 0, limit = 9) =>
  directory.users.list(directory.context.connectionId, {
    sort: { attribute: of, descending },
    offset,
    limit,
    withReferences: false,
  });

describe('the order of a list', () => {
  it.each<[string, AttributeReference | null, string[]]>([
    ['a column, whatever the case', attribute('userName'), ['Ann', 'bob', 'cleo', 'Dan']],
    ['a column, by case', attribute('userName', { caseExact: true }), ['Ann', 'Dan', 'bob', 'cleo']],
    [
      'a column that may be empty',
      attribute('externalId', { caseExact: true }),
      ['Ann', 'bob', 'cleo', 'Dan'],
    ],
    ['the id', attribute('id'), ['bob', 'Ann', 'cleo', 'Dan']],
    ['an attribute that nobody has', null, ['bob', 'Ann', 'cleo', 'Dan']],
    ['a boolean column', attribute('active', { type: 'boolean' }), ['Ann', 'bob', 'cleo', 'Dan']],
    ['a time', attribute('meta/created', { type: 'dateTime' }), ['bob', 'Ann', 'cleo', 'Dan']],
    ['a string of the document, equals by id', attribute('title'), ['bob', 'Ann', 'cleo', 'Dan']],
    [
      'a string of the document, by case',
      attribute('title', { caseExact: true }),
      ['Ann', 'bob', 'cleo', 'Dan'],
    ],
    ['a sub-attribute', attribute('name/givenName'), ['Dan', 'cleo', 'bob', 'Ann']],
    ['an attribute of an extension', attribute(`${ENTERPRISE}/department`), ['Dan', 'bob', 'Ann', 'cleo']],
    ['a number, not as text', attribute('level', { type: 'decimal' }), ['Ann', 'bob', 'cleo', 'Dan']],
    ['a time of the document', attribute('since', { type: 'dateTime' }), ['bob', 'Ann', 'cleo', 'Dan']],
    ['a boolean of the document', attribute('flag', { type: 'boolean' }), ['Ann', 'bob', 'cleo', 'Dan']],
    [
      'the primary value, else the first',
      attribute('emails/value', { multiValued: true }),
      ['bob', 'Ann', 'cleo', 'Dan'],
    ],
    ['the first of simple values', attribute('tags', { multiValued: true }), ['Dan', 'cleo', 'bob', 'Ann']],
    [
      'the groups, by name',
      attribute('groups/display', { multiValued: true }),
      ['cleo', 'Ann', 'bob', 'Dan'],
    ],
    [
      'the groups, by id',
      attribute('groups/value', { multiValued: true, caseExact: true }),
      ['Ann', 'cleo', 'bob', 'Dan'],
    ],
  ])('follows %s, and backwards', async (_, of, expected) => {
    expect(names(await page(of, false))).toEqual(expected);
    expect(names(await page(of, true))).toEqual(expected.toReversed());
    const pages = [0, 1, 2, 3].map((offset) => page(of, false, offset, 1));
    expect((await Promise.all(pages)).flatMap(names)).toEqual(expected);
    expect(await page(of, false, 4, 1)).toEqual({ total: 4, items: [] });
  });

  it('holds for groups', async () => {
    const list = await directory.groups.list(directory.context.connectionId, {
      sort: { attribute: attribute('displayName'), descending: false },
      offset: 1,
      limit: 9,
      withReferences: true,
    });
    expect(list.total).toBe(3);
    expect(
      list.items.map(({ document }) => (JSON.parse(document) as { displayName: string }).displayName),
    ).toEqual(['b-team', 'nobody']);
    expect(list.items.map(({ members }) => members?.map(({ userName }) => userName))).toEqual([['Ann'], []]);
  });

  it.each([
    attribute('name', { type: 'complex' }),
    attribute('meta/location'),
    attribute('groups/$ref', { multiValued: true }),
  ])('is refused where there is none: %#', async (of) => {
    expect(await codeOf(page(of, false))).toBe('unsupportedQuery');
  });
});
