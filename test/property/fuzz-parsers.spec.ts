import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/index.js';
import { allDialects } from '../../src/scim/dialects/index.js';
import { directoryQuery } from '../../src/scim/http/lists/directory-query.js';
import {
  BULK_REQUEST_SCHEMA,
  inOrder,
  parseFilter,
  parseJson,
  parsePath,
  readBulk,
  readConditions,
  requireConditions,
  resolved,
  resourceTypes,
  ScimError,
  type BulkOperation,
} from '../../src/scim/protocol/index.js';
import { fuzzRuns } from '../support/fuzz.js';

const numRuns = fuzzRuns(3_000);

/** Pieces of filters and paths, well and badly made, put together in any way. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'userName',
      'emails',
      'emails.value',
      'members',
      'meta.lastModified',
      'active',
      '$ref',
      'name.givenName',
      'urn:ietf:params:scim:schemas:core:2.0:User:userName',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
      'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:Group:quotaAllowance',
      '__proto__',
      'constructor',
      ' eq ',
      ' ne ',
      ' co ',
      ' sw ',
      ' ew ',
      ' gt ',
      ' ge ',
      ' lt ',
      ' le ',
      ' pr',
      ' and ',
      ' or ',
      ' not ',
      'not(',
      '(',
      ')',
      '[',
      ']',
      '].value',
      '"x"',
      '"',
      '\\"',
      '"\\u00e9"',
      '"\\ud800"',
      '"2024-01-01T00:00:00Z"',
      'true',
      '"True"',
      'null',
      '5',
      '-1.5e3',
      '1e999',
      ' ',
      '.',
      ':',
      ',',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 4, unit: 'binary' }) },
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
  fc.string({ maxLength: 200, unit: 'binary' }),
);

/** What it answers, or its refusal; anything else that is thrown is a fault. */
function refusal(work: () => unknown): ScimError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
}

describe('whatever text is sent', () => {
  it('as a filter is read, or refused as invalidFilter with a position [C67] [C69]', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...resourceTypes), (stated, type) => {
        const refused = refusal(() => directoryQuery(type, parseFilter(allDialects.filter(stated))));
        if (!refused) return;
        expect(refused).toMatchObject({ status: 400, scimType: 'invalidFilter' });
        expect(refused.detail).toMatch(/^filter, position \d+: /);
      }),
      { numRuns },
    );
  });

  it('as a path is read, or refused as invalidPath with a position', () => {
    fc.assert(
      fc.property(text, (stated) => {
        const refused = refusal(() => parsePath(stated));
        if (!refused) return;
        expect(refused).toMatchObject({ status: 400, scimType: 'invalidPath' });
        expect(refused.detail).toMatch(/^path, position \d+: /);
      }),
      { numRuns },
    );
  });

  it('as a body is read as JSON.parse reads it, or refused as invalidSyntax', () => {
    const body = fc.oneof(
      fc.json({ maxDepth: 8 }),
      fc.string({ unit: 'binary' }),
      fc.json().map((json) => json.slice(1)),
    );
    fc.assert(
      fc.property(body, (stated) => {
        let read: unknown;
        const refused = refusal(() => (read = parseJson(stated)));
        if (refused) {
          expect(refused).toMatchObject({ status: 400, scimType: 'invalidSyntax' });
          expect(() => JSON.parse(stated) as unknown).toThrow(SyntaxError);
        } else expect(read).toEqual(JSON.parse(stated.replace(/^\ufeff/, '')));
      }),
      { numRuns },
    );
  });

  it('as a condition is read, and holds or is refused by 412', () => {
    const header = fc.array(fc.constantFrom('W/', '"', '5', ',', ' ', '*', 'x', '\\'), { maxLength: 12 });
    fc.assert(
      fc.property(header, header, (match, noneMatch) => {
        const conditions = readConditions(match.join(''), noneMatch.join(''));
        const refused = refusal(() => requireConditions(conditions, 5));
        if (refused) expect(refused.status).toBe(412);
      }),
      { numRuns },
    );
  });
});

describe('whatever bulk request is sent', () => {
  const bulkId = fc.constantFrom('a', 'b', 'c', '', '__proto__');
  const reference = bulkId.map((id) => `bulkId:${id}`);
  const operation = fc.oneof(
    fc.record(
      {
        method: fc.constantFrom('POST', 'PUT', 'PATCH', 'delete', 'GET', 5),
        path: fc.oneof(
          fc.constantFrom(
            '/Users',
            '/Groups',
            'Users/',
            '/Users/1',
            '/Bulk',
            '/Users/bulkId:a',
            '/Users/%',
            '//',
            null,
          ),
          fc.string(),
        ),
        bulkId,
        version: fc.constantFrom('W/"1"', '', 5, null),
        data: fc.oneof(
          fc.record({ members: fc.array(fc.record({ value: reference })) }),
          fc.record({
            Operations: fc.array(fc.record({ path: reference.map((id) => `members[value eq "${id}"]`) })),
          }),
          fc.dictionary(fc.string(), fc.oneof(reference, fc.jsonValue({ maxDepth: 2 }))),
          fc.jsonValue(),
        ),
      },
      { requiredKeys: [] },
    ),
    fc.jsonValue(),
  );

  it('each of its operations is done once, after those it refers to, or has an error of its own [C103]', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 8 }), (operations) => {
        const body = { schemas: [BULK_REQUEST_SCHEMA], Operations: operations } as unknown as JsonObject;
        const { operations: read } = readBulk(body);
        const possible = new Map<number, BulkOperation>();
        read.forEach((stated, i) => {
          if (stated.operation instanceof ScimError) expect(stated.operation.status).toBe(400);
          else possible.set(i, stated.operation);
        });
        const order = inOrder(possible);
        const flat = order.flat().map(({ index }) => index);
        expect(flat.toSorted((a, b) => a - b)).toEqual([...possible.keys()]);
        for (const [at, step] of order.entries()) {
          const soFar = new Set(order.slice(0, at + 1).flatMap((one) => one.map(({ index }) => index)));
          for (const { needs, operation: one } of step) {
            for (const need of needs) expect(soFar).toContain(need);
            const refused = refusal(() =>
              resolved(one, new Map([...soFar].map((i) => [possible.get(i)?.bulkId ?? '', 'id']))),
            );
            if (refused) expect(refused).toMatchObject({ status: 400, scimType: 'invalidValue' });
          }
        }
      }),
      { numRuns },
    );
  });
});
