import { describe, expect, it } from 'vitest';
import { ERROR, GROUP, PUBLIC_URL, SCIM_JSON, useBridge, USER } from './support/bridge.js';

describe('transport and authentication', () => {
  const held = useBridge();
  const error = (status: number, more: object = {}) => ({
    status,
    body: { schemas: [ERROR], status: String(status), detail: expect.stringMatching(/./) as string, ...more },
  });

  it('answers everything as application/scim+json [C1]', async () => {
    const { bridge } = held;
    const answers = await Promise.all([
      bridge.get('/Users'),
      bridge.post('/Users', { userName: 'type' }),
      bridge.get('/nothing'),
      bridge.get('/Users', { token: null }),
      bridge.delete('/Users'),
      bridge.post('/Users', '{'),
      bridge.get('/Schemas'),
      bridge.get('/Users/%zz'),
      bridge.get(`/Users/${'x'.repeat(300)}`),
      bridge.request('PUT', '/Me'),
      bridge.post('/Users', 'a', { type: 'text/plain' }),
    ]);
    for (const answer of answers) expect(answer.headers.get('content-type')).toBe(SCIM_JSON);
    expect(answers.map(({ status }) => status)).toEqual([
      200, 201, 404, 401, 405, 400, 200, 400, 404, 501, 415,
    ]);
  });

  it.each([
    'application/json',
    'application/scim+json',
    'application/json; charset=UTF-8',
    'Application/SCIM+JSON;charset=iso-8859-1',
    null,
  ])('takes a body of type %s [C2]', async (type) => {
    const answer = await held.bridge.post('/Users', { userName: `type-${type}` }, { type });
    expect(answer.status).toBe(type === null ? 415 : 201);
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    ';',
    'garbage',
  ])('refuses a body of type %s', async (type) => {
    expect(await held.bridge.post('/Users', '{"userName":"x"}', { type })).toMatchObject(error(415));
  });

  it('never refuses a request without a body for its type', async () => {
    const id = await held.bridge.user('bodyless');
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
      expect((await held.bridge.get(`/Users/${id}`, { headers: { 'content-type': type } })).status).toBe(200);
      expect(
        await held.bridge.request('POST', '/Users', { headers: { 'content-type': type } }),
      ).toMatchObject(error(400, { scimType: 'invalidSyntax' }));
    }
    expect(
      (await held.bridge.delete(`/Users/${id}`, { headers: { 'content-type': 'application/json' } })).status,
    ).toBe(204);
  });

  it.each(['*/*', 'application/scim+json', 'text/html', 'nonsense'])(
    'answers whatever is accepted: %s',
    async (accept) => {
      expect((await held.bridge.get('/Users', { headers: { accept } })).headers.get('content-type')).toBe(
        SCIM_JSON,
      );
    },
  );

  it('carries names of every script [C3]', async () => {
    const body = { userName: 'Łucja-née-北京-😀', name: { givenName: 'Zoë', familyName: 'Ñandú' } };
    const { body: created } = await held.bridge.post('/Users', body);
    expect(created).toMatchObject(body);
    expect(
      (await held.bridge.find('/Users', `userName eq "${body.userName.toUpperCase()}"`)).body.Resources,
    ).toEqual([created]);
  });

  it.each([null, '', 'x', 'ä', 'Basic abc', 'x'.repeat(5_000)])(
    'refuses a request with the token %j [C4] [C5]',
    async (token) => {
      const headers: Record<string, string> = token === null ? {} : { authorization: encodeURI(token) };
      const answer = await held.bridge.get('/Users', { token: null, headers });
      expect(answer).toMatchObject(error(401));
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    },
  );

  it('checks the token before anything else: body, type, path, verb', async () => {
    const { bridge } = held;
    const refused = await Promise.all([
      bridge.post('/Users', '{', { token: null }),
      bridge.post('/Users', 'x', { token: 'no', type: 'text/plain' }),
      bridge.get('/nothing', { token: null }),
      bridge.delete('/Schemas', { token: null }),
      bridge.get('/scim', { token: null }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  });

  it.each([
    '/%73cim/v2/Users',
    '/scim/v2/%55sers',
    '/scim/%762/Users',
    '//scim//v2//Users',
    '/scim/v2/Users/',
  ])('is not entered without a token by another spelling: %s', async (path) => {
    const bare = await fetch(held.bridge.origin + path);
    expect([401, 404]).toContain(bare.status);
    expect(await bare.text()).not.toContain('Resources');
    const withToken = await fetch(held.bridge.origin + path, {
      headers: { authorization: `Bearer ${held.bridge.token}` },
    });
    expect(withToken.status).toBe(200);
  });

  it('shows one connection nothing of another [C6]', async () => {
    const id = await held.bridge.user('mine', { externalId: 'shared' });
    const { body: group } = await held.bridge.post('/Groups', {
      schemas: [GROUP],
      displayName: 'Mine',
      members: [{ value: id }],
    });
    const other = { token: held.bridge.otherToken, connection: 'second' };
    for (const path of [`/Users/${id}`, `/Groups/${group.id}`]) {
      expect((await held.bridge.get(path, other)).status).toBe(404);
      expect((await held.bridge.put(path, { userName: 'x', displayName: 'x' }, other)).status).toBe(404);
      expect((await held.bridge.delete(path, other)).status).toBe(404);
    }
    expect((await held.bridge.get('/Users', other)).body.totalResults).toBe(0);
    expect((await held.bridge.get('/Users?filter=userName%20eq%20%22mine%22', other)).body.totalResults).toBe(
      0,
    );
    const theirs = await held.bridge.post('/Users', { userName: 'mine', externalId: 'shared' }, other);
    expect(theirs.status).toBe(201);
    const stolen = await held.bridge.post(
      '/Groups',
      { displayName: 'Theirs', members: [{ value: id }] },
      other,
    );
    expect(stolen).toMatchObject(error(400, { scimType: 'invalidValue' }));
  });

  it.each([
    '/',
    '/Nothing',
    '/Users/1/2',
    '/scim',
    '/scim/',
    '/scim/v1/Users',
    '/scim/v2/scim/v2/Users',
    '/__proto__',
  ])('knows no %s [C7]', async (path) => {
    expect(await held.bridge.get(path)).toMatchObject(error(404));
  });

  it.each([
    ['POST', '/ServiceProviderConfig', 'GET'],
    ['PUT', '/ResourceTypes', 'GET'],
    ['PATCH', '/Schemas', 'GET'],
    ['DELETE', '/Schemas', 'GET'],
    ['DELETE', `/Schemas/${USER}`, 'GET'],
    ['DELETE', '/Users', 'GET, POST'],
    ['PATCH', '/Groups', 'GET, POST'],
    ['POST', '/Users/1', 'GET, PUT, PATCH, DELETE'],
    ['GET', '/Bulk', 'POST'],
    ['OPTIONS', '/Users', 'GET, POST'],
  ])('refuses %s %s [C8]', async (method, path, allow) => {
    const answer = await held.bridge.request(method, path);
    expect(answer).toMatchObject(error(405));
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it('passes over parameters that it does not know [C9]', async () => {
    expect((await held.bridge.get('/Users?aadOptscim062020&sortBy=userName&x=%zz')).status).toBe(200);
  });

  it('keeps passwords and insides to itself [C12] [C13]', async () => {
    const created = await held.bridge.post('/Users', { userName: 'secret', password: 'hunter2' });
    expect(created.text).not.toContain('hunter2');
    expect((await held.bridge.get(`/Users/${created.body.id}?attributes=password`)).text).not.toContain(
      'hunter2',
    );
    expect((await held.bridge.find('/Users', 'password eq "hunter2"')).body.totalResults).toBe(0);
    expect((await held.bridge.post('/Users', { userName: 'secret' })).text).not.toMatch(
      /at .*\.[jt]s|duplicate key|bridge\./,
    );
  });

  it('builds addresses from the public URL, not from the Host header', async () => {
    const { body } = await held.bridge.post(
      '/Users',
      { userName: 'host' },
      { headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'ftp' } },
    );
    expect(body.meta.location).toBe(`${PUBLIC_URL}/scim/v2/Users/${body.id}`);
  });

  it('answers 501 for what it does not serve [C53]', async () => {
    expect(await held.bridge.get('/Me')).toMatchObject(error(501));
    expect(await held.bridge.request('PATCH', '/Me', { body: {} })).toMatchObject(error(501));
  });

  it('leaves what is not SCIM to others', async () => {
    const answer = await fetch(`${held.bridge.origin}/other`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });
});
