import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ERROR, SCIM_JSON, useBridge, type Answer } from '../conformance/support/bridge.js';
import { fuzzRuns } from '../support/fuzz.js';

const numRuns = fuzzRuns(600, 0.02);

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ENT = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CODER = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User';

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    'x'.repeat(600),
    1e308,
    -0,
    2 ** 53,
    [],
    {},
    [[]],
    null,
    '{"value":"x"}',
  ),
);
const name = fc.constantFrom('ada', 'ADA', 'bob', 'crew', 'x@y', 'O\u2019Neil', '\u0130', ' ', '');
const attribute = fc.constantFrom(
  'userName',
  'displayName',
  'externalId',
  'name',
  'emails',
  'members',
  'active',
  'roles',
  'schemas',
  'id',
  'meta',
  'groups',
  'password',
  '__proto__',
  'constructor',
  'toString',
  ENT,
  CODER,
  `${ENT}:manager`,
  'name.givenName',
  'emails[type eq "work"].value',
);
const resource = fc
  .tuple(fc.dictionary(attribute, fc.oneof(anything, name), { maxKeys: 3 }), fc.oneof(name, fc.uuid()))
  .map(([more, stated]) => ({ userName: stated, displayName: stated, ...more }));
const operation = fc.record(
  {
    op: fc.constantFrom('add', 'Replace', 'remove', 'move', 5),
    path: fc.oneof(
      attribute,
      fc.string(),
      fc.constantFrom(null, 'emails[primary eq true]', 'members[value eq "x"]', 'a['),
    ),
    value: fc.oneof(
      anything,
      name,
      resource,
      fc.constantFrom([{ value: 'x', type: 'work', primary: 'True' }], 'False'),
    ),
  },
  { requiredKeys: [] },
);
const patch = fc
  .array(fc.oneof({ weight: 9, arbitrary: operation }, anything), { maxLength: 4 })
  .map((Operations) => ({ schemas: [PATCH], Operations }));
const search = fc.dictionary(
  fc.constantFrom(
    'filter',
    'count',
    'startIndex',
    'sortBy',
    'sortOrder',
    'cursor',
    'attributes',
    'excludedAttributes',
  ),
  anything,
);
const inBulk = fc.record(
  {
    method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'GET'),
    path: fc.constantFrom('/Users', '/Groups', '/Users/bulkId:a', '/Groups/bulkId:b', '/Bulk', '/Users/x'),
    bulkId: fc.constantFrom('a', 'b', 'c'),
    version: fc.constantFrom('W/"1"', 'x'),
    data: fc.oneof(
      resource,
      patch,
      fc.constant({ displayName: 'crew', members: [{ value: 'bulkId:a' }] }),
      anything,
    ),
  },
  { requiredKeys: ['method', 'path'] },
);
const bulk = fc
  .tuple(fc.array(inBulk, { maxLength: 5 }), fc.constantFrom(undefined, 0, 1, '1'))
  .map(([Operations, failOnErrors]) => ({ schemas: [BULK], Operations, failOnErrors }));
const body = fc.oneof(
  resource,
  patch,
  search,
  bulk,
  anything,
  fc.string({ unit: 'binary' }),
  fc.json().map((json) => json.slice(0, -1)),
);

const parameter = fc
  .tuple(
    fc.constantFrom(
      'filter',
      'count',
      'startIndex',
      'sortBy',
      'sortOrder',
      'cursor',
      'attributes',
      'excludedAttributes',
      'x',
    ),
    fc.oneof(
      fc.constantFrom(
        '',
        '-1',
        '1e9',
        '%',
        '%zz',
        '%00',
        'userName eq "ada"',
        'userName',
        'descending',
        'members',
        'id,,',
        'a eq',
        'meta.version',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
    fc.boolean(),
  )
  .map(
    ([key, value, raw]) =>
      `${key}=${raw ? value.replace(/[^\u0021-\u007e]|#/g, '%') : encodeURIComponent(value.toWellFormed())}`,
  );
const query = fc.array(parameter, { maxLength: 3 }).map((all) => (all.length > 0 ? `?${all.join('&')}` : ''));
const path = fc.oneof(
  fc.constantFrom(
    '/Users',
    '/Groups',
    '/Users/USER',
    '/Groups/GROUP',
    '/Users/.search',
    '/Groups/.search',
    '/.search',
    '/Bulk',
    '/Me',
    '/Schemas',
    '/ResourceTypes',
    '/ServiceProviderConfig',
    '/Users/',
    '/Users//',
    '/Users/%2e%2e',
    '/Users/%',
    '/Schemas/urn:x',
    '',
    '/',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).map((id) => `/Users/${encodeURIComponent(id.toWellFormed())}`),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'if-match',
    'if-none-match',
    'accept',
    'accept-charset',
    'user-agent',
    'x-forwarded-host',
    'prefer',
  ),
  fc.oneof(
    fc.constantFrom('*', 'W/"1"', '"', 'application/json', 'text/html', '*/*;q=0'),
    fc.stringMatching(/^[!-~]{0,20}$/),
  ),
  { maxKeys: 2 },
);
interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly type: string | null;
}

/** Nothing of it fits together. */
const odd: fc.Arbitrary<Request> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'),
  path,
  query,
  headers,
  body: fc.option(body, { nil: undefined }),
  type: fc.constantFrom('application/scim+json', 'application/json;charset=latin1', 'text/plain', null),
});

const fits = (method: string, paths: readonly string[], sent: fc.Arbitrary<unknown>): fc.Arbitrary<Request> =>
  fc.record({
    method: fc.constant(method),
    path: fc.constantFrom(...paths),
    query: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, query),
    headers: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, headers),
    body: sent,
    type: fc.constant('application/scim+json'),
  });

const request = fc.oneof(
  { weight: 2, arbitrary: odd },
  { weight: 2, arbitrary: fits('POST', ['/Users', '/Groups'], resource) },
  { weight: 2, arbitrary: fits('PUT', ['/Users/USER', '/Groups/GROUP'], resource) },
  { weight: 3, arbitrary: fits('PATCH', ['/Users/USER', '/Groups/GROUP'], patch) },
  fits('GET', ['/Users', '/Groups', '/Users/USER', '/Groups/GROUP'], fc.constant(undefined)),
  fits('POST', ['/Users/.search', '/Groups/.search', '/.search'], search),
  fits('POST', ['/Bulk'], bulk),
);

describe('whatever request is sent', () => {
  const held = useBridge();
  let user: string;
  let group: string;

  beforeAll(async () => {
    user = await held.bridge.user('the-user');
    group = (await held.bridge.post('/Groups', { displayName: 'the-group', members: [{ value: user }] })).body
      .id;
  });

  /** A success or a refusal, in SCIM's form; only what is not served is answered by a 5xx. */
  function expectSane(answer: Answer): void {
    if (answer.status !== 501) expect(answer.status, answer.text).toBeLessThan(500);
    if (answer.text) expect(answer.headers.get('content-type')).toBe(SCIM_JSON);
    // Those of a bulk request have statuses of their own.
    for (const { status } of answer.body.Operations ?? [])
      expect(Number(status), answer.text).toBeLessThan(500);
    if (answer.status < 400) return;
    expect(answer.body).toMatchObject({ schemas: [ERROR], status: String(answer.status) });
    expect(answer.body.detail).toEqual(expect.any(String));
    expect(answer.text).not.toMatch(/node_modules|src\/|bridge\.users|SELECT /);
  }

  it("is answered in SCIM's form, never by a 500, and leaves a bridge that goes on [C1] [C12] [C69]", async () => {
    await fc.assert(
      fc.asyncProperty(
        request,
        async ({ method, path: stated, query: asked, body: sent, type, headers: more }) => {
          const target = stated.replace('USER', user).replace('GROUP', group) + asked;
          const hasBody = sent !== undefined && method !== 'GET';
          const answer = await held.bridge.request(method, target, {
            headers: more,
            type,
            ...(hasBody ? { body: typeof sent === 'string' ? sent.toWellFormed() : sent } : {}),
          });
          expectSane(answer);
        },
      ),
      { numRuns },
    );
    expect((await held.bridge.get('/Users?count=1')).status).toBe(200);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('keeps every resource readable by itself, in the list and by a filter [C39]', async () => {
    for (const endpoint of ['/Users', '/Groups']) {
      const { body: listed } = await held.bridge.get(`${endpoint}?count=1000`);
      for (const shown of listed.Resources) {
        expect((await held.bridge.get(`${endpoint}/${shown.id}`)).body).toEqual(shown);
        const again = await held.bridge.put(`${endpoint}/${shown.id}`, shown);
        expect(again, JSON.stringify(shown)).toMatchObject({ status: 200, body: shown });
      }
    }
  });
});
