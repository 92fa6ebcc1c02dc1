import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DatabaseUnavailable } from '../../src/directory/index.js';
import { ERRORS, type ErrorName } from '../../src/scim/protocol/index.js';
import { ERROR, GROUP, patchOp, SCIM_JSON, useBridge, type Answer, type Bridge } from './support/bridge.js';

const NOBODY = '00000000-0000-7000-8000-000000000000';

/** What is asked of a bridge that has the user `taken` (`id`), to be refused by that row of the table. */
type Attempt = (bridge: Bridge, id: string) => Promise<Answer>;

const patching =
  (...operations: readonly object[]): Attempt =>
  (bridge, id) =>
    bridge.patch(`/Users/${id}`, ...operations);
const finding =
  (filter: string): Attempt =>
  (bridge) =>
    bridge.find('/Users', filter);

/** Row of the table, what leads to it, and what the detail tells: where, and what was expected. */
const ATTEMPTS: readonly (readonly [ErrorName, Attempt, ...RegExp[]])[] = [
  ['invalidFilter', finding('userName eq'), /filter, position 11/],
  ['invalidFilter', finding('active gt true'), /active/, /boolean/],
  ['mutability', patching({ op: 'replace', path: 'meta', value: {} }), /meta/, /readOnly/],
  ['mutability', patching({ op: 'remove', path: 'userName' }), /userName/, /required/],
  ['invalidSyntax', (bridge) => bridge.post('/Users', '{'), /JSON/],
  [
    'invalidSyntax',
    (bridge, id) => bridge.request('PATCH', `/Users/${id}`, { body: {} }),
    /schemas must name urn/,
  ],
  ['invalidPath', patching({ op: 'add', path: 'emails[', value: 'x' }), /path, position 7/],
  ['invalidPath', patching({ op: 'add', path: 'title[x pr]', value: 'x' }), /title/],
  ['noTarget', patching({ op: 'remove' }), /Operations\[0\]/, /needs a path/],
  ['noTarget', patching({ op: 'replace', path: 'emails[value co "x"].type', value: 'work' }), /emails.type/],
  ['invalidValue', (bridge) => bridge.post('/Users', { title: 'x' }), /userName/, /required/],
  [
    'invalidValue',
    patching({ op: 'replace', path: 'name.givenName', value: 5 }),
    /name.givenName: must be a string/,
  ],
  ['invalidValue', patching({ op: 'move', path: 'title' }), /Operations\[0\]/, /add, remove or replace/],
  [
    'invalidValue',
    (bridge) => bridge.post('/Groups', { displayName: 'x', members: [{ value: NOBODY }] }),
    /members/,
    new RegExp(NOBODY),
  ],
  ['invalidValue', (bridge) => bridge.get('/Users?count=x'), /count: must be an integer/],
  ['unauthorized', (bridge) => bridge.get('/Users', { token: 'wrong' }), /bearer token/],
  ['unauthorized', (bridge) => bridge.get('/Users', { token: null }), /bearer token/],
  ['forbidden', (bridge) => bridge.get('/Schemas?filter=id%20pr'), /filter/],
  ['notFound', (bridge) => bridge.get(`/Users/${NOBODY}`), /id/],
  ['notFound', (bridge) => bridge.get('/Devices'), /endpoint/],
  ['methodNotAllowed', (bridge) => bridge.delete('/Users'), /DELETE/],
  [
    'notAcceptable',
    (bridge) => bridge.get('/Users', { headers: { accept: 'text/html' } }),
    /Accept/,
    /scim\+json/,
  ],
  ['uniqueness', (bridge) => bridge.post('/Users', { userName: 'TAKEN' }), /userName/],
  [
    'preconditionFailed',
    (bridge, id) => bridge.delete(`/Users/${id}`, { headers: { 'if-match': '"0"' } }),
    /If-Match/,
  ],
  [
    'payloadTooLarge',
    (bridge) => bridge.post('/Users', `"${'x'.repeat(17 * 1024 * 1024)}"`),
    /16777216 bytes/,
  ],
  [
    'unsupportedMediaType',
    (bridge) => bridge.post('/Users', '<user/>', { type: 'text/xml' }),
    /application\/scim\+json/,
  ],
  ['notImplemented', (bridge) => bridge.get('/Me'), /not served/],
];

describe('errors', () => {
  const held = useBridge();

  /** A refusal in SCIM's form, as that row has it. */
  function expectRow(answer: Answer, name: ErrorName, ...told: readonly RegExp[]): void {
    const row: { status: number; scimType?: string } = ERRORS[name];
    expect(answer.status).toBe(row.status);
    expect(answer.headers.get('content-type')).toBe(SCIM_JSON);
    expect(answer.body).toEqual({
      schemas: [ERROR],
      status: String(row.status),
      ...(row.scimType === undefined ? {} : { scimType: row.scimType }),
      detail: expect.any(String) as string,
    });
    for (const part of told) expect(answer.body.detail).toMatch(part);
  }

  it.each(ATTEMPTS.map(([name, attempt, ...told]) => [name, attempt, told] as const))(
    '%s: as the table has it, telling where and what was expected (%#) [C1] [C12]',
    async (name, attempt, told) => {
      const found = await held.bridge.find('/Users', 'userName eq "taken"');
      const id = found.body.Resources[0]?.id ?? (await held.bridge.user('taken'));
      expectRow(await attempt(held.bridge, id), name, ...told);
    },
  );

  it('conflict: of an operation in bulk that refers to a failure [C103]', async () => {
    const post = (path: string, bulkId: string, data: object) => ({ method: 'POST', path, bulkId, data });
    const members = [{ value: 'bulkId:bad' }];
    const { body } = await held.bridge.post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [post('/Users', 'bad', {}), post('/Groups', 'g', { displayName: 'refers', members })],
    });
    const { status, response } = body.Operations[1];
    expect([status, response.status, response.scimType]).toEqual(['409', '409', undefined]);
  });

  it('carry the headers that belong to them [C5] [C8]', async () => {
    const { bridge } = held;
    expect((await bridge.get('/Users', { token: null })).headers.get('www-authenticate')).toMatch(/^Bearer/);
    for (const [path, allow] of [
      ['/Users', 'GET, POST'],
      [`/Users/${NOBODY}`, 'GET, PUT, PATCH, DELETE'],
      ['/Groups/.search', 'POST'],
      ['/Bulk', 'POST'],
      ['/ServiceProviderConfig', 'GET'],
    ] as const) {
      const answer = await bridge.request('PROPFIND', path);
      expect([answer.status, answer.headers.get('allow')], path).toEqual([405, allow]);
    }
  });

  it.each<Record<string, string>>([
    {},
    { accept: '*/*' },
    { accept: 'application/json' },
    { accept: 'application/scim+json' },
    { accept: 'text/html, */*;q=0.1' },
  ])('are none where JSON may be answered: %j [C1]', async (headers) => {
    const answer = await held.bridge.get('/Users?count=0', { headers });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, SCIM_JSON]);
  });

  it('tell the first fault of many', async () => {
    const answer = await held.bridge.post('/Groups', {
      schemas: [GROUP],
      displayName: 'faulty',
      members: [{ value: '' }, { value: 5 }],
    });
    expectRow(answer, 'invalidValue', /^members\[0\]\.value/);
  });
});

describe('errors of a bridge that fails', () => {
  let error: Error = new Error('broken: ada@corp.example');
  const held = useBridge({
    users: (real) => Object.assign(Object.create(real) as typeof real, { get: () => Promise.reject(error) }),
  });

  it('internal: without details, and unavailable: with Retry-After', async () => {
    const failed = await held.bridge.get(`/Users/${NOBODY}`);
    expect(failed).toMatchObject({ status: 500, body: { schemas: [ERROR], status: '500' } });
    expect(failed.text).not.toContain('ada@');
    error = new DatabaseUnavailable(new Error('away'));
    const away = await held.bridge.request('GET', `/Users/${NOBODY}`);
    expect(away).toMatchObject({ status: 503, body: { schemas: [ERROR], status: '503' } });
    expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
    error = new Error('broken');
    expect((await held.bridge.request('PATCH', '/Users/x', { body: patchOp() })).status).toBeLessThan(500);
  });
});

describe('the table of errors', () => {
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim());

  it('is the one in docs/scim.md', async () => {
    const text = await readFile('docs/scim.md', 'utf8');
    const [, section = ''] = text.split(/^### Errors$/m);
    const [table = ''] = section.split(/^#/m);
    const documented = table
      .split('\n')
      .filter((line) => /^\| \d{3} /.test(line))
      .map(cells);
    const wanted = Object.values(ERRORS).map((row: { status: number; scimType?: string; when: string }) => [
      String(row.status),
      row.scimType ?? '',
      row.when,
    ]);
    expect(documented).toEqual(wanted);
  });

  it('has no row that nothing makes', async () => {
    const files = (await readdir('src/scim', { recursive: true })).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.endsWith('protocol/errors.ts'),
    );
    const code = await Promise.all(files.map((file) => readFile(join('src/scim', file), 'utf8')));
    const unused = Object.keys(ERRORS).filter((name) => !code.some((text) => text.includes(`'${name}'`)));
    expect(unused).toEqual([]);
  });
});
