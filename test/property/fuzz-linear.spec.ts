import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/index.js';
import { allDialects } from '../../src/scim/dialects/index.js';
import { acceptsJson } from '../../src/scim/http/request/media-types.js';
import {
  applyPatch,
  BULK_REQUEST_SCHEMA,
  groupType,
  inOrder,
  parseFilter,
  parseJson,
  parsePath,
  PATCH_OP_SCHEMA,
  preparePatch,
  readBulk,
  readConditions,
  readGroup,
  readUser,
  resolved,
  ScimError,
  userType,
  type BulkOperation,
} from '../../src/scim/protocol/index.js';
import { growth } from '../support/fuzz.js';

/** Eight times the input takes eight times the time; were it a square, 64 times. */
const MOST = 24;

const refusing =
  <Input>(run: (input: Input) => unknown) =>
  (input: Input): void => {
    try {
      run(input);
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
    }
  };
const filter = refusing((text: string) => parseFilter(allDialects.filter(text)));
const path = refusing(parsePath);
const json = refusing(parseJson);
const user = refusing((body: JsonObject) => readUser(body, allDialects));
const group = refusing((body: JsonObject) => readGroup(body, allDialects));
const prepare = (type: typeof userType) =>
  refusing((operations: readonly object[]) => {
    const body = { schemas: [PATCH_OP_SCHEMA], Operations: operations } as unknown as JsonObject;
    const prepared = preparePatch({ type, id: 'x' }, body, allDialects);
    applyPatch(type, { userName: 'a', displayName: 'a', active: true }, prepared.operations, allDialects);
  });
const bulk = refusing((operations: readonly object[]) => {
  const { operations: read } = readBulk({
    schemas: [BULK_REQUEST_SCHEMA],
    Operations: operations,
  } as unknown as JsonObject);
  const possible = new Map<number, BulkOperation>();
  read.forEach(({ operation }, i) => !(operation instanceof ScimError) && possible.set(i, operation));
  const ids = new Map(read.flatMap(({ bulkId }) => (bulkId === undefined ? [] : [[bulkId, bulkId]])));
  for (const step of inOrder(possible)) for (const { operation } of step) resolved(operation, ids);
});

const list = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
const created = (i: number, manager: number) => ({
  method: 'POST',
  path: '/Users',
  bulkId: `u${i}`,
  data: { userName: `u${i}`, manager: { value: `bulkId:u${manager}` } },
});

interface Case {
  readonly what: string;
  readonly measure: () => number;
}

function linear<Input>(
  what: string,
  size: number,
  make: (n: number) => Input,
  run: (input: Input) => void,
): Case {
  return { what, measure: () => growth(make, run, size) };
}

const CASES: readonly Case[] = [
  linear('a filter of many terms', 25, (n) => list(n, (i) => `title eq "${i}"`).join(' or '), filter),
  linear('a filter of words', 400, (n) => 'ab '.repeat(n), filter),
  linear('a filter without quotes', 25, (n) => list(n, (i) => `title eq x${i}`).join(' and '), filter),
  linear('a filter with a long string', 1_000, (n) => `title eq "${'\\"'.repeat(n / 2)}"`, filter),
  linear('a filter that ends in a string', 1_000, (n) => `title eq "${'\\\\'.repeat(n / 2)}`, filter),
  linear('a filter of parentheses', 1_000, (n) => '('.repeat(n), filter),
  linear('a filter of brackets', 1_000, (n) => 'a['.repeat(n / 2), filter),
  linear(
    'a path with a filter',
    20,
    (n) => `members[${list(n, (i) => `value eq "${i}"`).join(' or ')}]`,
    path,
  ),
  linear('a path of dots', 1_000, (n) => '.a'.repeat(n / 2), path),
  linear('a path of colons', 1_000, (n) => 'urn:'.repeat(n / 4), path),
  linear('a body of braces', 50_000, (n) => '{}[]'.repeat(n / 4), json),
  linear('a body of one string', 50_000, (n) => `"${'\\['.repeat(n / 2)}`, json),
  linear(
    'a user of unknown attributes',
    2_000,
    (n) => ({ userName: 'a', ...Object.fromEntries(list(n, (i) => [`x${i}`, i])) }),
    user,
  ),
  linear(
    'a user of primary emails',
    120,
    (n) => ({ userName: 'a', emails: list(n, (i) => ({ value: `a${i}`, primary: true })) }),
    user,
  ),
  linear(
    'a group of members',
    2_000,
    (n) => ({ displayName: 'a', members: list(n, (i) => ({ value: `a${i}` })) }),
    group,
  ),
  linear(
    'a PATCH of one attribute',
    120,
    (n) => list(n, (i) => ({ op: 'replace', path: 'title', value: `${i}` })),
    prepare(userType),
  ),
  linear(
    'a PATCH without paths',
    120,
    (n) => list(n, (i) => ({ op: 'add', value: { 'name.givenName': `${i}` } })),
    prepare(userType),
  ),
  linear(
    'a PATCH that adds many values',
    120,
    (n) => [{ op: 'add', path: 'emails', value: list(n, (i) => ({ value: `${i}` })) }],
    prepare(userType),
  ),
  linear(
    'a PATCH that adds many members',
    2_000,
    (n) => [{ op: 'add', path: 'members', value: list(n, (i) => ({ value: `${i}` })) }],
    prepare(groupType),
  ),
  linear(
    'a PATCH of many members',
    1_000,
    (n) => list(n, (i) => ({ op: 'Remove', path: `members[value eq "${i}"]` })),
    prepare(groupType),
  ),
  linear(
    'a PATCH that replaces members again and again',
    250,
    (n) => list(n, (i) => ({ op: 'replace', path: 'members', value: [{ value: `${i}` }] })),
    prepare(groupType),
  ),
  linear(
    'a bulk request that refers to what comes next',
    120,
    (n) => list(n, (i) => created(i, i + 1)),
    bulk,
  ),
  linear(
    'a bulk request that refers to what came before',
    120,
    (n) => list(n, (i) => created(i, i - 1)),
    bulk,
  ),
  linear('a bulk request that is one circle', 120, (n) => list(n, (i) => created(i, (i + 1) % n)), bulk),
  linear(
    'a bulk request of deep references',
    2_000,
    (n) => {
      const deep = (depth: number): unknown =>
        depth === 0 ? list(n, () => 'bulkId:u0') : { ['k'.repeat(100)]: deep(depth - 1) };
      return [{ ...created(0, 0), data: deep(50) }];
    },
    bulk,
  ),
  linear(
    'a bulk request of one resource',
    120,
    (n) => list(n, () => ({ method: 'DELETE', path: '/Users/x' })),
    bulk,
  ),
  linear(
    'an entity tag of quotes',
    2_000,
    (n) => '"'.repeat(n),
    (text: string) => void readConditions(text, text),
  ),
  linear(
    'an entity tag of spaces',
    2_000,
    (n) => `${' '.repeat(n)}"`,
    (text: string) => void readConditions(text, text),
  ),
  linear(
    'an Accept header',
    500,
    (n) => 'a/b;q=0,'.repeat(n / 8),
    (text: string) => void acceptsJson(text),
  ),
];

describe('the time that is taken', () => {
  it.each(CASES)('by $what grows no faster than it [C68]', ({ measure }) => {
    // Something else may have run in between: what is no square passes soon.
    const measured = [measure()];
    while (measured.length < 4 && Math.min(...measured) > MOST) measured.push(measure());
    expect(Math.min(...measured)).toBeLessThan(MOST);
  });

  it('would be noticed if it grew as a square does', () => {
    const square = (values: readonly number[]): number => {
      let sum = 0;
      for (const a of values) for (const b of values) sum += a ^ b;
      return sum;
    };
    const made = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    // Twice as long as need be: what else runs meanwhile weighs less.
    expect(growth(made, square, 600)).toBeGreaterThan(MOST);
  });
});
