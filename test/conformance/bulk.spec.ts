import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DirectoryError } from '../../src/directory/index.js';
import { ENT, ERROR, patchOp, PUBLIC_URL, useBridge, type Answer } from './support/bridge.js';

const REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
const NOBODY = '00000000-0000-7000-8000-000000000000';

const bulkOf = (operations: readonly unknown[], more: object = {}) => ({
  schemas: [REQUEST],
  ...more,
  Operations: operations,
});
const post = (path: string, bulkId: string, data: object) => ({ method: 'POST', path, bulkId, data });
const user = (name: string, more: object = {}) => post('/Users', name, { userName: name, ...more });
const managed = (name: string, by: string) => user(name, { [ENT]: { manager: { value: `bulkId:${by}` } } });
const group = (name: string, ...members: string[]) =>
  post('/Groups', name, { displayName: name, members: members.map((id) => ({ value: `bulkId:${id}` })) });
const statuses = (answer: Answer) => answer.body.Operations.map(({ status }: { status: string }) => status);
const idIn = (result: { location: string }) => result.location.split('/').at(-1) ?? '';

describe('bulk requests', () => {
  const held = useBridge();
  const bulk = (operations: readonly unknown[], more?: object) =>
    held.bridge.post('/Bulk', bulkOf(operations, more));
  const total = async (endpoint: '/Users' | '/Groups', filter: string): Promise<number> =>
    (await held.bridge.find(endpoint, filter)).body.totalResults;

  it('carry out every kind of operation, and answer each with location, version and status [C103]', async () => {
    const id = await held.bridge.user('to-change');
    const gone = await held.bridge.user('to-delete');
    const answer = await bulk([
      user('made'),
      { method: 'PUT', path: `/Users/${id}`, data: { userName: 'to-change', title: 'put' } },
      { method: 'patch', path: `Users/${id}/`, data: patchOp({ op: 'add', path: 'nickName', value: 'n' }) },
      { method: 'DELETE', path: `/Users/${gone}` },
    ]);
    expect(answer).toMatchObject({ status: 200, body: { schemas: [RESPONSE] } });
    const [made, put, patched, deleted] = answer.body.Operations;
    const location = `${PUBLIC_URL}/scim/v2/Users/${id}`;
    expect(made).toEqual({
      location: expect.stringMatching(`^${PUBLIC_URL}/scim/v2/Users/[0-9a-f-]{36}$`) as string,
      method: 'POST',
      bulkId: 'made',
      version: expect.stringMatching(/^W\/"/) as string,
      status: '201',
    });
    expect(put).toEqual({ location, method: 'PUT', version: put.version, status: '200' });
    expect(patched).toMatchObject({ location, method: 'PATCH', status: '200' });
    expect(deleted).toEqual({
      location: `${PUBLIC_URL}/scim/v2/Users/${gone}`,
      method: 'DELETE',
      status: '204',
    });
    const { body } = await held.bridge.get(`/Users/${id}`);
    expect(body).toMatchObject({ title: 'put', nickName: 'n', meta: { version: patched.version } });
    expect((await held.bridge.get(`/Users/${idIn(made)}`)).body.userName).toBe('made');
    expect((await held.bridge.get(`/Users/${gone}`)).status).toBe(404);
  });

  it('resolve references, whatever comes first [C103]', async () => {
    const answer = await bulk([
      group('crew', 'ada', 'bob'),
      {
        method: 'PATCH',
        path: '/Groups/bulkId:crew',
        data: patchOp({ op: 'remove', path: 'members[value eq "bulkId:bob"]' }),
      },
      managed('ada', 'bob'),
      {
        method: 'PATCH',
        path: '/Users/bulkId:bob',
        data: patchOp({ op: 'add', path: 'title', value: 'chief' }),
      },
      user('bob'),
    ]);
    expect(statuses(answer)).toEqual(['201', '204', '201', '200', '201']);
    const [crew, , ada, , bob] = answer.body.Operations.map(idIn);
    expect((await held.bridge.get(`/Groups/${crew}`)).body.members).toMatchObject([{ value: ada }]);
    expect((await held.bridge.get(`/Users/${ada}`)).body[ENT].manager.value).toBe(bob);
    expect((await held.bridge.get(`/Users/${bob}`)).body.title).toBe('chief');
  });

  it('resolve circles, and references to oneself [C103]', async () => {
    const answer = await bulk([
      group('ring', 'x', 'y', 'z'),
      managed('x', 'y'),
      managed('y', 'z'),
      managed('z', 'x'),
      managed('self', 'self'),
      // A manager that is a group makes no sense, and a circle through both endpoints.
      group('strangers', 'strange'),
      managed('strange', 'strangers'),
    ]);
    expect(statuses(answer)).toEqual(['201', '201', '201', '201', '201', '201', '201']);
    const [ring, x, y, z, self] = answer.body.Operations.map(idIn);
    const managerOf = async (id: string) => (await held.bridge.get(`/Users/${id}`)).body[ENT].manager.value;
    expect([await managerOf(x), await managerOf(y), await managerOf(z), await managerOf(self)]).toEqual([
      y,
      z,
      x,
      self,
    ]);
    const members = (await held.bridge.get(`/Groups/${ring}`)).body.members.map(
      ({ value }: { value: string }) => value,
    );
    expect(members.toSorted()).toEqual([x, y, z].toSorted());
  });

  it('answer 409 to what refers to a failure, and leave nothing of a circle that fails [C103]', async () => {
    await held.bridge.user('taken');
    const answer = await bulk([
      group('needs-taken', 'taken', 'free'),
      user('taken'),
      user('free'),
      managed('circle-a', 'taken-too'),
      post('/Users', 'taken-too', { userName: 'TAKEN', [ENT]: { manager: { value: 'bulkId:circle-a' } } }),
      { method: 'DELETE', path: '/Users/bulkId:taken' },
    ]);
    expect(statuses(answer)).toEqual(['409', '409', '201', '409', '409', '409']);
    const [needs, taken, , circle] = answer.body.Operations;
    expect(needs).toEqual({
      method: 'POST',
      bulkId: 'needs-taken',
      status: '409',
      response: { schemas: [ERROR], status: '409', detail: expect.stringContaining('"taken"') as string },
    });
    expect(taken.response).toMatchObject({ scimType: 'uniqueness' });
    expect(circle.response.detail).toContain('"taken-too"');
    expect(await total('/Users', 'userName sw "circle"')).toBe(0);
    expect(await total('/Groups', 'displayName eq "needs-taken"')).toBe(0);
  });

  it('answer 400 to references to nothing, to nested and to broken operations, and do the others [C103]', async () => {
    const answer = await bulk([
      group('needs-nobody', 'nobody'),
      post('/Bulk', 'nested', bulkOf([user('inner')])),
      post('/Schemas', 's', {}),
      post(`/Users/${NOBODY}`, 'with-id', { userName: 'with-id' }),
      { method: 'POST', path: '/Users', data: { userName: 'no-bulk-id' } },
      user('twice'),
      post('/Users', 'twice', { userName: 'twice-again' }),
      { method: 'GET', path: `/Users/${NOBODY}` },
      { method: 'PUT', path: '/Users', data: { userName: 'x' } },
      { method: 'PUT', path: `/Users/${NOBODY}` },
      'no object',
      { method: 'DELETE', path: `/Users/${NOBODY}` },
      { method: 'DELETE', path: '/Users/%zz' },
      post('/Users', 'nameless', { title: 'x' }),
      { method: 'DELETE', path: '/Users/x', version: 5 },
      user('after-all-that'),
    ]);
    expect(
      answer.body.Operations.map((one: { status: string; response?: { scimType?: string } }) => [
        one.status,
        one.response?.scimType,
      ]),
    ).toEqual([
      ['400', 'invalidValue'],
      ['400', 'invalidPath'],
      ['400', 'invalidPath'],
      ['400', 'invalidPath'],
      ['400', 'invalidValue'],
      ['201', undefined],
      ['400', 'invalidValue'],
      ['400', 'invalidSyntax'],
      ['400', 'invalidPath'],
      ['400', 'invalidSyntax'],
      ['400', 'invalidSyntax'],
      ['404', undefined],
      ['404', undefined],
      ['400', 'invalidValue'],
      ['400', 'invalidValue'],
      ['201', undefined],
    ]);
    expect(answer.body.Operations[0].response.detail).toContain('members[0].value');
    expect(answer.body.Operations[1].response.detail).toContain('/Bulk');
    for (const { location } of answer.body.Operations.slice(0, 5)) expect(location).toBeUndefined();
    expect(await total('/Users', 'userName eq "inner"')).toBe(0);
  });

  it('stop after as many errors as failOnErrors says, and answer what was tried [C103]', async () => {
    await held.bridge.user('stopper');
    const operations = [
      user('one-before'),
      post('/Users', 'e1', { userName: 'stopper' }),
      user('one-between'),
      post('/Users', 'e2', { userName: 'stopper' }),
      user('one-after'),
    ];
    const answer = await bulk(operations, { failOnErrors: 2 });
    expect([answer.status, statuses(answer)]).toEqual([200, ['201', '409', '201', '409']]);
    expect(await total('/Users', 'userName eq "one-after"')).toBe(0);
    for (const failOnErrors of [0, null, 5])
      expect(statuses(await bulk(operations, { failOnErrors }))).toHaveLength(5);
    for (const failOnErrors of ['1', 1.5, -1, [], true]) {
      const refused = await bulk(operations, { failOnErrors });
      expect(refused).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    }
  });

  it('hold an operation to the version it names [C103] [C104]', async () => {
    const id = await held.bridge.user('versioned');
    const { version } = (await held.bridge.get(`/Users/${id}`)).body.meta;
    const rename = (title: string) => ({
      method: 'PATCH',
      path: `/Users/${id}`,
      version,
      data: patchOp({ op: 'replace', path: 'title', value: title }),
    });
    const answer = await bulk([
      rename('first'),
      rename('second'),
      { method: 'DELETE', path: `/Users/${id}`, version },
    ]);
    expect(statuses(answer)).toEqual(['200', '412', '412']);
    expect((await held.bridge.get(`/Users/${id}`)).body.title).toBe('first');
    expect(statuses(await bulk([{ ...rename('x'), version: answer.body.Operations[0].version }]))).toEqual([
      '200',
    ]);
  });

  it('keep the order of operations on one resource [C103]', async () => {
    const id = await held.bridge.user('ordered');
    const title = (value: string) => ({
      method: 'PATCH',
      path: `/Users/${id}`,
      data: patchOp({ op: 'replace', path: 'title', value }),
    });
    const waits = {
      ...title('late'),
      data: patchOp(
        { op: 'replace', path: `${ENT}:manager.value`, value: 'bulkId:late' },
        { op: 'replace', path: 'title', value: 'first' },
      ),
    };
    const answer = await bulk([waits, title('second'), user('late')]);
    expect(statuses(answer)).toEqual(['200', '200', '201']);
    const { body } = await held.bridge.get(`/Users/${id}`);
    expect([body.title, body[ENT].manager.value]).toEqual(['second', idIn(answer.body.Operations[2])]);
  });

  it('free a name before it is given again [C103]', async () => {
    const id = await held.bridge.user('successor');
    const answer = await bulk([
      { method: 'DELETE', path: `/Users/${id}` },
      group('heirs', 'successor'),
      user('successor'),
    ]);
    expect(statuses(answer)).toEqual(['204', '201', '201']);
  });

  it('are refused by 413 beyond maxOperations or maxPayloadSize, and do nothing [C103]', async () => {
    const { bulk: limits } = (await held.bridge.get('/ServiceProviderConfig')).body;
    expect(limits).toEqual({ supported: true, maxOperations: 1_000, maxPayloadSize: 1_048_576 });
    const many = Array.from({ length: limits.maxOperations + 1 }, (_, i) => user(`too-many-${i}`));
    const large = JSON.stringify(bulkOf([user('too-large', { title: 'x'.repeat(limits.maxPayloadSize) })]));
    for (const body of [bulkOf(many), large]) {
      const answer = await held.bridge.post('/Bulk', body);
      expect(answer).toMatchObject({ status: 413, body: { schemas: [ERROR], status: '413' } });
      expect(answer.body.detail).toMatch(/1000|1048576/);
    }
    expect(await total('/Users', 'userName sw "too-"')).toBe(0);
    // The limit is that of /Bulk alone.
    expect(
      (await held.bridge.post('/Users', { userName: 'large', nobodyKnows: 'x'.repeat(2_000_000) })).status,
    ).toBe(201);
  });

  it('take as many operations as they say [C103]', async () => {
    const names = Array.from({ length: 999 }, (_, i) => `many-${i}`);
    const answer = await bulk([group('everybody', ...names), ...names.map((name) => user(name))]);
    expect(new Set(statuses(answer))).toEqual(new Set(['201']));
    expect((await held.bridge.get(`/Groups/${idIn(answer.body.Operations[0])}`)).body.members).toHaveLength(
      999,
    );
  });

  it.each([
    {},
    { schemas: ['urn:other'], Operations: [user('x')] },
    { schemas: [REQUEST] },
    { schemas: [REQUEST], Operations: [] },
    { schemas: [REQUEST], Operations: 'x' },
  ])('that are none are refused by 400: %j', async (body) => {
    expect(await held.bridge.post('/Bulk', body)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidSyntax' },
    });
  });

  it('take POST only', async () => {
    const answer = await held.bridge.get('/Bulk');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('create whatever refers to whatever, as if it had been there before', async () => {
    let run = 0;
    const references = fc.array(fc.array(fc.nat(5), { maxLength: 3 }), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        references,
        fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
        async (members, managers) => {
          const prefix = `run-${++run}-`;
          const operations = [
            ...members.map((ids, i) => group(`${prefix}g${i}`, ...ids.map((id) => `${prefix}u${id}`))),
            ...managers.map((by, i) => managed(`${prefix}u${i}`, `${prefix}u${by}`)),
          ];
          const answer = await bulk(operations);
          const ids: string[] = answer.body.Operations.map(idIn);
          for (const [i, wanted] of members.entries()) {
            const shown = (await held.bridge.get(`/Groups/${ids[i]}`)).body.members ?? [];
            const values = shown.map(({ value }: { value: string }) => value).toSorted();
            expect(values).toEqual([...new Set(wanted)].map((id) => ids[6 + id]).toSorted());
          }
          for (const [i, by] of managers.entries()) {
            expect((await held.bridge.get(`/Users/${ids[6 + i]}`)).body[ENT].manager.value).toBe(ids[6 + by]);
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('bulk requests while the directory fails', () => {
  let failing = false;
  const held = useBridge({
    users: (real) =>
      new Proxy(real, {
        get: (target, name: keyof typeof real) => {
          const method: unknown = target[name];
          if (typeof method !== 'function') return method;
          if (name === 'create' && failing)
            return () => Promise.reject(new Error('broken: ada@corp.example'));
          if (name === 'remove' && failing) return () => Promise.reject(new DirectoryError('notFound', 'x'));
          return method.bind(target) as unknown;
        },
      }),
  });

  it('answer 500 for the operation, without details, and go on with the others', async () => {
    const id = await held.bridge.user('stays');
    failing = true;
    const answer = await held.bridge.post(
      '/Bulk',
      bulkOf([
        user('fails'),
        { method: 'PUT', path: `/Users/${id}`, data: { userName: 'stays', title: 'x' } },
      ]),
    );
    failing = false;
    expect(statuses(answer)).toEqual(['500', '200']);
    expect(answer.text).not.toContain('ada@');
  });
});

describe('bulk requests of a connection that revives', () => {
  const held = useBridge({ dialects: ['okta-post-again'] });

  it('refer to the id of who is revived, in a circle too', async () => {
    const old = await held.bridge.user('b-revived', { active: false });
    const answer = await held.bridge.post(
      '/Bulk',
      bulkOf([managed('a-new', 'b-revived'), managed('b-revived', 'a-new')]),
    );
    expect(statuses(answer)).toEqual(['201', '201']);
    const [fresh, revived] = answer.body.Operations.map(idIn);
    expect(revived).toBe(old);
    expect((await held.bridge.get(`/Users/${fresh}`)).body[ENT].manager.value).toBe(old);
    expect((await held.bridge.get(`/Users/${old}`)).body).toMatchObject({
      active: true,
      [ENT]: { manager: { value: fresh } },
    });
  });
});
