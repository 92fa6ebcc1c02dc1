import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseInMemory } from '../../../test/support/directory-rows.js';
import { codeOf, groupState, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { AttributeReference, ComparisonOperator, Query } from '../model.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The name of a user or group, out of its document. */
function nameIn(document: string): string {
  const { userName, displayName } = JSON.parse(document) as Record<string, string>;
  return userName ?? displayName ?? '';
}

let database: Database;
let directory: TestDirectory;
let ids: Map<string, string>;
let groupId: string;

beforeAll(async () => {
  database = await databaseInMemory();
  directory = await testDirectory(database);
  ids = new Map();
  const { users, groups, context } = directory;
  const make = async (userName: string, externalId: string | null, active: boolean, document: object) => {
    const state = userState(userName, { externalId, active, document: { userName, ...document } });
    ids.set(userName, (await users.create(context, state)).resource.id);
  };
  await make('Ann', 'X-1', true, {
    name: { familyName: 'Óger', givenName: 'Ann' },
    emails: [
      { type: 'work', value: 'Ann@Example.com', primary: true },
      { type: 'home', value: 'ann@home.example' },
    ],
    level: 3,
    since: '2024-02-29T12:00:00+02:00',
    token: 'AbC',
    tags: ['Red', 'green'],
    [ENTERPRISE]: { department: 'R&D', manager: { value: 'm-1' } },
  });
  await make('bob', 'x-2', false, {
    emails: [{ type: 'work', value: 'bob@example.com' }, { type: 'other' }],
    level: 12.5,
    since: '2023-02-30T00:00:00Z',
    token: 'abc',
    title: '',
    tags: [],
  });
  await make("c'; DROP TABLE bridge.users; --", null, true, {
    emails: { type: 'home', value: 'c@example.com' },
    level: '7',
    title: null,
  });
  const member = ids.get('Ann') ?? '';
  groupId = (await groups.create(context, groupState('Team A', { externalId: 'g-1' }), [member])).resource.id;
  await groups.create(context, groupState('empty'), []);
  const other = await testDirectory(database);
  await other.users.create(other.context, userState('Ann'));
});
afterAll(() => database.close());

function attribute(path: string, more: Partial<AttributeReference> = {}): AttributeReference {
  const names = path === '' ? [] : path.split('/');
  return { path: names, type: 'string', caseExact: false, multiValued: false, ...more };
}
const exact = (path: string) => attribute(path, { caseExact: true });
const list = (path: string, more: Partial<AttributeReference> = {}) =>
  attribute(path, { multiValued: true, ...more });

function compare(
  of: AttributeReference,
  operator: ComparisonOperator,
  value: string | number | boolean | null,
): Query {
  return { kind: 'compare', attribute: of, operator, value };
}
const and = (...terms: Query[]): Query => ({ kind: 'and', terms });
const or = (...terms: Query[]): Query => ({ kind: 'or', terms });
const not = (term: Query): Query => ({ kind: 'not', term });
const some = (path: string, where: Query): Query => ({ kind: 'some', attribute: list(path), where });
const present = (of: AttributeReference): Query => ({ kind: 'present', attribute: of });
const NAMES = ['Ann', 'bob', "c'; DROP TABLE bridge.users; --"];
const C = NAMES[2] ?? '';

/** A string for the path of an attribute, said to have one value at most. */
const single = (path: string, more: Partial<AttributeReference> = {}) =>
  attribute(path, { single: true, ...more });

/** Names of the users that match. */
async function found(query: Query): Promise<string[]> {
  const page = await directory.users.list(directory.context.connectionId, {
    query,
    offset: 0,
    limit: 50,
    withReferences: false,
  });
  expect(page.total).toBe(page.items.length);
  return page.items.map((user) => nameIn(user.document));
}

const level = attribute('level', { type: 'integer' });
const since = attribute('since', { type: 'dateTime' });
const created = attribute('meta/created', { type: 'dateTime' });

describe('searching users', () => {
  it.each<[string, Query, string[]]>([
    ['userName eq, in any case', compare(attribute('userName'), 'eq', 'aNN'), ['Ann']],
    ['userName eq, as a value that means something to SQL', compare(attribute('userName'), 'eq', C), [C]],
    ['userName sw', compare(attribute('userName'), 'sw', 'B'), ['bob']],
    ['userName co', compare(attribute('userName'), 'co', 'N'), ['Ann']],
    ['userName ew', compare(attribute('userName'), 'ew', 'OB'), ['bob']],
    ['userName co, with a wildcard of SQL', compare(attribute('userName'), 'co', '%'), []],
    ['userName gt', compare(attribute('userName'), 'gt', 'ANN'), ['bob', C]],
    [
      'userName ge and lt',
      and(compare(attribute('userName'), 'ge', 'ann'), compare(attribute('userName'), 'lt', 'C')),
      ['Ann', 'bob'],
    ],
    ['userName le', compare(attribute('userName'), 'le', 'bob'), ['Ann', 'bob']],
    ['userName ne', compare(attribute('userName'), 'ne', 'ANN'), ['bob', C]],
    ['externalId eq, exactly', compare(exact('externalId'), 'eq', 'x-1'), []],
    ['externalId eq', compare(exact('externalId'), 'eq', 'X-1'), ['Ann']],
    ['externalId ne, also where there is none', compare(exact('externalId'), 'ne', 'X-1'), ['bob', C]],
    [
      'not externalId eq, also where there is none',
      not(compare(exact('externalId'), 'eq', 'X-1')),
      ['bob', C],
    ],
    ['externalId pr', present(exact('externalId')), ['Ann', 'bob']],
    ['externalId eq null', compare(exact('externalId'), 'eq', null), [C]],
    ['externalId ne null', compare(exact('externalId'), 'ne', null), ['Ann', 'bob']],
    ['a document attribute ne null', compare(attribute('token'), 'ne', null), ['Ann', 'bob']],
    ['active eq', compare(attribute('active', { type: 'boolean' }), 'eq', false), ['bob']],
    ['active eq, in quotes', compare(attribute('active', { type: 'boolean' }), 'eq', 'True'), ['Ann', C]],
    ['id eq with what is no id', compare(exact('id'), 'eq', "' OR 1=1"), []],
    ['id sw', compare(exact('id'), 'sw', '0'), NAMES],
    ['created gt', compare(created, 'gt', '2020-01-01T00:00:00Z'), NAMES],
    ['created lt', compare(created, 'lt', '2020-01-01T00:00:00Z'), []],
    ['resourceType eq', compare(exact('meta/resourceType'), 'eq', 'User'), NAMES],
    [
      'a sub-attribute, in any case and Unicode form',
      compare(attribute('name/familyName'), 'eq', 'O\u0301GER'),
      ['Ann'],
    ],
    [
      'a sub-attribute ne, also where there is none',
      compare(attribute('name/familyName'), 'ne', 'óger'),
      ['bob', C],
    ],
    ['a complex attribute pr', present(attribute('name', { type: 'complex' })), ['Ann']],
    ['pr of the empty string and of null', present(attribute('title')), []],
    ['pr of an empty list', present(list('tags')), ['Ann']],
    ['a list of strings eq', compare(list('tags'), 'eq', 'RED'), ['Ann']],
    ['a value of an extension', compare(attribute(`${ENTERPRISE}/department`), 'eq', 'r&d'), ['Ann']],
    ['a value deep in an extension', compare(exact(`${ENTERPRISE}/manager/value`), 'eq', 'm-1'), ['Ann']],
    ['case exact values', compare(exact('token'), 'eq', 'abc'), ['bob']],
    ['case exact values sw', compare(exact('token'), 'sw', 'A'), ['Ann']],
    ['emails.value eq', compare(list('emails/value'), 'eq', 'ANN@home.example'), ['Ann']],
    ['emails.value co', compare(list('emails/value'), 'co', '@EXAMPLE.com'), NAMES],
    [
      'emails.value ne: one that differs',
      compare(list('emails/value'), 'ne', 'bob@example.com'),
      ['Ann', 'bob', C],
    ],
    ['emails pr', present(list('emails')), NAMES],
    [
      'emails[type and value]',
      some(
        'emails',
        and(compare(attribute('type'), 'eq', 'Work'), compare(attribute('value'), 'eq', 'ANN@example.com')),
      ),
      ['Ann'],
    ],
    [
      'emails[type and value] of two elements',
      some(
        'emails',
        and(compare(attribute('type'), 'eq', 'home'), compare(attribute('value'), 'eq', 'ann@example.com')),
      ),
      [],
    ],
    [
      'emails[primary]',
      some('emails', compare(attribute('primary', { type: 'boolean' }), 'eq', true)),
      ['Ann'],
    ],
    ['not emails[type]', not(some('emails', compare(attribute('type'), 'eq', 'other'))), ['Ann', C]],
    ['emails[not type]', some('emails', not(compare(attribute('type'), 'eq', 'work'))), NAMES],
    [
      'emails[type and not value pr]',
      some('emails', and(compare(attribute('type'), 'eq', 'other'), not(present(attribute('value'))))),
      ['bob'],
    ],
    ['emails[exact value]', some('emails', compare(exact('value'), 'eq', 'Ann@Example.com')), ['Ann']],
    [
      'emails[exact value and folded type]',
      some('emails', and(compare(exact('value'), 'sw', 'Ann'), compare(attribute('type'), 'eq', 'WORK'))),
      ['Ann'],
    ],
    ['numbers eq', compare(level, 'eq', 3), ['Ann']],
    ['numbers gt, not as text', compare(level, 'gt', 4), ['bob']],
    ['numbers le with a fraction', compare(level, 'le', 12.5), ['Ann', 'bob']],
    ['numbers ne, also of what is none', compare(level, 'ne', 3), ['bob', C]],
    ['times eq in another zone', compare(since, 'eq', '2024-02-29T10:00:00Z'), ['Ann']],
    [
      'times lt, over a stored day that does not exist',
      compare(since, 'lt', '2030-01-01T00:00:00Z'),
      ['Ann'],
    ],
    ['a single value eq', compare(single('name/familyName'), 'eq', 'O\u0301GER'), ['Ann']],
    [
      'a single value ne, also where there is none',
      compare(single('name/familyName'), 'ne', 'óger'),
      ['bob', C],
    ],
    [
      'not a single value sw, also where there is none',
      not(compare(single('name/familyName'), 'sw', 'ó')),
      ['bob', C],
    ],
    ['a single value of an extension', compare(single(`${ENTERPRISE}/manager/value`), 'eq', 'M-1'), ['Ann']],
    ['pr of a single value, empty or null', present(single('title')), []],
    ['not pr of a single value, empty, null or absent', not(present(single('title'))), NAMES],
    ['pr of a single complex value', present(single('name', { type: 'complex' })), ['Ann']],
    ['a single number', compare(single('level', { type: 'integer' }), 'gt', 4), ['bob']],
    [
      'a single number ne, also of what is none',
      compare(single('level', { type: 'integer' }), 'ne', 3),
      ['bob', C],
    ],
    ['a single time', compare(single('since', { type: 'dateTime' }), 'eq', '2024-02-29T10:00:00Z'), ['Ann']],
    [
      'a single time, over a stored day that does not exist',
      not(compare(single('since', { type: 'dateTime' }), 'lt', '2030-01-01T00:00:00Z')),
      ['bob', C],
    ],
    ['emails[single value]', some('emails', compare(single('value'), 'sw', 'ANN@e')), ['Ann']],
    ['emails[not single value]', some('emails', not(present(single('value')))), ['bob']],
    ['groups eq by display', compare(list('groups/display'), 'eq', 'TEAM a'), ['Ann']],
    ['groups pr', present(list('groups')), ['Ann']],
    ['nothing', { kind: 'nothing' }, []],
    ['not nothing', not({ kind: 'nothing' }), NAMES],
    [
      'or',
      or(compare(attribute('userName'), 'eq', 'ann'), compare(attribute('userName'), 'eq', 'bob')),
      ['Ann', 'bob'],
    ],
    ['and of none, or of none', and(not(or()), and()), NAMES],
    ['names that mean something to JSON paths', compare(attribute('a"b\\c/$.x'), 'eq', 'x'), []],
    ['names that mean something to JavaScript', present(attribute('__proto__')), []],
  ])('understands %s', async (_, query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('finds by id, and by the id of a group', async () => {
    const ann = ids.get('Ann') ?? '';
    expect(await found(compare(exact('id'), 'eq', ann))).toEqual(['Ann']);
    expect(await found(compare(exact('id'), 'eq', ann.toUpperCase()))).toEqual([]);
    expect(
      await found(and(compare(exact('id'), 'eq', ann), compare(attribute('userName'), 'eq', 'ANN'))),
    ).toEqual(['Ann']);
    for (const path of ['groups', 'groups/value']) {
      expect(await found(compare(list(path, { caseExact: true }), 'eq', groupId))).toEqual(['Ann']);
      expect(await found(compare(list(path, { caseExact: true }), 'eq', newId()))).toEqual([]);
    }
    expect(await found(some('groups', compare(exact('value'), 'eq', groupId)))).toEqual(['Ann']);
    expect(await found(not(compare(list('groups'), 'eq', groupId)))).toEqual(['bob', C]);
  });

  it.each<[string, Query]>([
    ['order of booleans', compare(attribute('active', { type: 'boolean' }), 'gt', true)],
    ['a number for a string', compare(attribute('userName'), 'eq', 3)],
    ['a word for a number', compare(level, 'eq', 'many')],
    ['part of a number', compare(level, 'co', 1)],
    ['a word for a time', compare(created, 'gt', 'yesterday')],
    ['a time that no database holds', compare(created, 'gt', '0000-01-01T00:00:00Z')],
    ['part of a time', compare(since, 'sw', '2024-02-29T10:00:00Z')],
    ['a complex attribute', compare(attribute('name', { type: 'complex' }), 'eq', 'x')],
    ['what is never stored', compare(attribute('userName'), 'gt', '\0')],
    ['half a character', compare(attribute('title'), 'eq', '\ud800')],
    ['order against null', compare(attribute('title'), 'gt', null)],
    ['meta.version', compare(exact('meta/version'), 'eq', 'W/"1"')],
    ['meta.location', compare(exact('meta/location'), 'eq', 'https://x.example')],
    ['a reference to a group', compare(list('groups/$ref'), 'eq', 'x')],
  ])('refuses %s in words', async (_, query) => {
    expect(await codeOf(found(query))).toBe('unsupportedQuery');
  });

  it('finds the complement by not, for any search, and never fails otherwise', async () => {
    const strings = fc.constantFrom('ann', 'A', '', '%', 'work', "'", '2024-02-29T10:00:00Z', 'Ó');
    const operators = fc.constantFrom<ComparisonOperator[]>(
      'eq',
      'ne',
      'co',
      'sw',
      'ew',
      'gt',
      'ge',
      'lt',
      'le',
    );
    const plain = fc.constantFrom(
      single('title'),
      single('name/familyName'),
      single('level'),
      single('tags'),
      ...['userName', 'externalId', 'id', 'title', 'name/familyName', 'tags', 'level', 'groups/value'].map(
        (path) => attribute(path),
      ),
      exact('token'),
      list('emails/value'),
      list('tags'),
    );
    const leaf = fc.oneof(
      fc
        .tuple(plain, operators, fc.oneof(strings))
        .map(([of, operator, value]) => compare(of, operator, value)),
      plain.map(present),
      fc
        .tuple(operators, strings)
        .map(([operator, value]) => some('emails', compare(attribute('value'), operator, value))),
      fc
        .tuple(
          fc.constantFrom('eq' as const, 'gt' as const, 'le' as const),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
        )
        .map(([operator, value]) => compare(level, operator, value)),
    );
    const { query: trees } = fc.letrec<{ query: Query }>((tie) => ({
      query: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.tuple(tie('query'), tie('query')).map(([a, b]) => and(a, b)),
        fc.tuple(tie('query'), tie('query')).map(([a, b]) => or(a, b)),
        tie('query').map(not),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(trees, async (query) => {
        const [yes, no] = [await found(query), await found(not(query))];
        expect([...yes, ...no].toSorted()).toEqual(NAMES.toSorted());
      }),
      { numRuns: 60 },
    );
  });
});

describe('searching groups', () => {
  const groupsFound = async (query: Query): Promise<string[]> => {
    const request = { query, offset: 0, limit: 9, withReferences: true };
    const { items } = await directory.groups.list(directory.context.connectionId, request);
    return items.map((group) => nameIn(group.document));
  };

  it('understands displayName, externalId, id and members', async () => {
    const ann = ids.get('Ann') ?? '';
    expect(await groupsFound(compare(attribute('displayName'), 'eq', 'TEAM a'))).toEqual(['Team A']);
    expect(await groupsFound(compare(attribute('displayName'), 'sw', 'team'))).toEqual(['Team A']);
    expect(await groupsFound(compare(exact('externalId'), 'eq', 'g-1'))).toEqual(['Team A']);
    expect(await groupsFound(compare(exact('externalId'), 'eq', 'G-1'))).toEqual([]);
    for (const path of ['members', 'members/value']) {
      const members = compare(list(path, { caseExact: true }), 'eq', ann);
      expect(await groupsFound(members)).toEqual(['Team A']);
      expect(await groupsFound(not(members))).toEqual(['empty']);
      expect(await groupsFound(and(compare(exact('id'), 'eq', groupId), members))).toEqual(['Team A']);
    }
    expect(await groupsFound(compare(list('members/value'), 'eq', 'no-id'))).toEqual([]);
    expect(await groupsFound(present(list('members')))).toEqual(['Team A']);
    expect(await groupsFound(compare(list('members/display'), 'eq', 'ANN'))).toEqual(['Team A']);
  });

  it('shows the members when asked, also with a lookup', async () => {
    const members = [{ id: ids.get('Ann'), userName: 'Ann' }];
    const { groups, context } = directory;
    const lookup = { query: compare(attribute('displayName'), 'eq', 'team a'), offset: 0, limit: 9 };
    const shown = await groups.list(context.connectionId, { ...lookup, withReferences: true });
    expect(shown.items[0]?.members).toEqual(members);
    const hidden = await groups.list(context.connectionId, { ...lookup, withReferences: false });
    expect(hidden.items[0]?.members).toBeUndefined();
    const all = await groups.list(context.connectionId, { offset: 0, limit: 9, withReferences: true });
    expect(all.items.map((group) => group.members)).toEqual([members, []]);
  });
});

describe('pages', () => {
  const page = (offset: number, limit: number, query?: Query) =>
    directory.users.list(directory.context.connectionId, {
      offset,
      limit,
      withReferences: false,
      ...(query && { query }),
    });
  const summary = async (offset: number, limit: number, query?: Query): Promise<[number, string[]]> => {
    const { total, items } = await page(offset, limit, query);
    return [total, items.map((user) => nameIn(user.document))];
  };

  it('come in the order of creation, with the total of all', async () => {
    expect(await summary(0, 2)).toEqual([3, ['Ann', 'bob']]);
    expect(await summary(2, 2)).toEqual([3, [C]]);
    expect(await summary(3, 2)).toEqual([3, []]);
    expect(await summary(9, 2)).toEqual([3, []]);
    expect(await summary(0, 3)).toEqual([3, NAMES]);
    expect(await summary(0, 0)).toEqual([3, []]);
  });

  it('come with the total also of a lookup, whatever is asked of it', async () => {
    const lookup = compare(attribute('userName'), 'eq', 'ann');
    expect(await summary(0, 9, lookup)).toEqual([1, ['Ann']]);
    expect(await summary(0, 0, lookup)).toEqual([1, []]);
    expect(await summary(1, 9, lookup)).toEqual([1, []]);
    expect(await summary(0, 9, compare(attribute('userName'), 'eq', 'zoe'))).toEqual([0, []]);
  });
});
