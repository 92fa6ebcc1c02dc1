import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Profile, type Simulator, startSimulator } from '../index.js';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator();
  simulator.admin.set({ features: { scim: true }, scimSecret: 'hush' });
});
afterEach(() => simulator.close());

interface Answered {
  status: number;
  type: string;
  location: string | null;
  body: Record<string, unknown>;
}

async function scim(method: string, path: string, body?: unknown, header = 'Bearer hush'): Promise<Answered> {
  const text = body === undefined ? null : JSON.stringify(body);
  const headers: Record<string, string> = header ? { Authorization: header } : {};
  const response = await fetch(`${simulator.url}/scim/v2${path}`, { method, headers, body: text });
  const answer = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    location: response.headers.get('location'),
    body: (answer ? JSON.parse(answer) : {}) as Record<string, unknown>,
  };
}

const play = (profile: Profile): void => simulator.admin.set({ profile });
const person = (userName: string, active: unknown = true): Record<string, unknown> => ({
  userName,
  emails: [{ value: `${userName.split('@')[0]}@x.io`, primary: true }],
  active,
});
const status = (user: string): string => simulator.admin.user(user).status;
const patchOp = (...Operations: unknown[]): Record<string, unknown> => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});
const UNKNOWN = '/Users/11111111-1111-4111-8111-111111111111';

describe("access to Coder's SCIM server", () => {
  it('asks for its being there, the licence and the secret, in this order', async () => {
    expect((await scim('GET', '/Users', undefined, '')).status).toBe(401);
    simulator.admin.set({ features: { scim: false } });
    const unlicensed = await scim('GET', '/Users', undefined, '');
    expect([unlicensed.status, unlicensed.body]).toEqual([
      403,
      { message: expect.stringContaining('Premium feature') },
    ]);
    simulator.admin.set({ scimSecret: '' });
    expect(await scim('GET', '/Users')).toMatchObject({ status: 404, body: { message: 'Route not found.' } });
  });

  it('takes the secret with and without Bearer, and in 2023 only as it was set', async () => {
    for (const header of ['hush', 'Bearer hush', 'bearer hush']) {
      expect((await scim('GET', '/Users', undefined, header)).status, header).toBe(200);
    }
    const wrong = await scim('GET', '/Users', undefined, 'Bearer other');
    expect([wrong.status, wrong.body]).toMatchObject([
      401,
      { status: 401, scimType: 'invalidAuthorization' },
    ]);
    play('s-old');
    expect((await scim('GET', '/Users', undefined, 'hush')).status).toBe(200);
    const old = await scim('GET', '/Users');
    expect([old.status, old.body]).toMatchObject([500, { status: 500, scimType: 'internal' }]);
  });

  it('shows in the entitlements only with a secret', async () => {
    simulator.admin.set({ scimSecret: '' });
    const response = await fetch(`${simulator.url}/api/v2/entitlements`);
    expect(await response.json()).toMatchObject({
      features: { scim: { entitlement: 'entitled', enabled: false } },
    });
  });
});

describe('the first server', () => {
  it('finds nobody, and creates once, dormant and without notification', async () => {
    const created = await scim('POST', '/Users', { ...person('ann@x.io'), colour: 'red' });
    expect([created.status, created.type, created.body]).toMatchObject([
      200,
      expect.stringContaining('application/json'),
      { userName: 'ann', active: true },
    ]);
    expect(created.body).not.toHaveProperty('colour');
    const again = await scim('POST', '/Users', person('ann@x.io'));
    expect([again.status, again.body['id']]).toEqual([200, created.body['id']]);
    expect([status('ann'), simulator.admin.user('ann').login_type]).toEqual(['dormant', 'oidc']);
    expect(simulator.ledger.notified('user created')).toBe(0);
    expect(simulator.ledger.rows).toMatchObject([{ additional_fields: { automatic_subsystem: 'scim' } }]);
    expect((await scim('GET', '/Users')).body).not.toHaveProperty('Resources');
    expect((await scim('GET', `/Users/${String(created.body['id'])}`)).status).toBe(404);
    expect((await scim('DELETE', `/Users/${String(created.body['id'])}`)).status).toBe(404);
    for (const path of ['/Groups', '/Me', '/Schemas']) expect((await scim('GET', path)).status).toBe(404);
  });

  it('puts new users into the default organization only when that is on', async () => {
    await scim('POST', '/Users', person('ann'));
    simulator.admin.setOrganizationSync({ field: 'o', organization_assign_default: false });
    await scim('POST', '/Users', person('bob'));
    const { organizationsOf } = simulator.state;
    expect(organizationsOf.get(simulator.admin.user('ann').id)?.size).toBe(1);
    expect(organizationsOf.get(simulator.admin.user('bob').id)?.size ?? 0).toBe(0);
  });

  it('suspends and wakes to dormant, without audit when nothing changes', async () => {
    const { id } = simulator.admin.createUser({ username: 'ann', email: 'ann@x.io', roles: ['owner'] });
    simulator.ledger.reset();
    expect((await scim('PATCH', `/Users/${id}`, person('ann', true))).status).toBe(200);
    expect([status('ann'), simulator.ledger.audited]).toEqual(['active', 0]);
    await scim('PATCH', `/Users/${id}`, { active: false });
    expect([status('ann'), simulator.ledger.audited]).toEqual(['suspended', 1]);
    await scim('POST', '/Users', person('ann', false));
    expect(status('ann')).toBe('suspended');
    await scim('POST', '/Users', person('ann'));
    expect(status('ann')).toBe('dormant');
    expect(simulator.ledger.notifications.size).toBe(0);
  });

  it.each([
    ['POST', '/Users', person('ann', null), 400, 'invalidRequest'],
    ['POST', '/Users', { userName: 'ann', active: true, emails: [{ value: 'a@x.io' }] }, 400, 'invalidEmail'],
    ['PATCH', '/Users/ann', { active: true }, 400, 'invalidId'],
    ['PATCH', UNKNOWN, { active: true }, 500, 'internal'],
    ['PUT', UNKNOWN, { active: true }, 500, 'internal'],
  ])('answers %s %s with %o: %i %s', async (method, path, body, code, type) => {
    const answer = await scim(method, path, body);
    expect([answer.status, answer.body['scimType']]).toEqual([code, type]);
  });

  it('has PUT since the end of 2024: active required, userName fixed', async () => {
    const { id } = simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    const put = (body: unknown): Promise<Answered> => scim('PUT', `/Users/${id}`, body);
    expect((await put({ userName: 'ann' })).status).toBe(400);
    expect((await put({ userName: 'bob', active: true })).body['scimType']).toBe('mutability');
    expect((await put({ userName: 'ann', active: false })).status).toBe(200);
    expect(status('ann')).toBe('suspended');
    simulator.admin.set({ profile: 's-new', scimSecret: 'Bearer hush' });
    expect((await put({ active: true })).status).toBe(404);
  });

  it('takes a missing active for false in 2023', async () => {
    simulator.admin.set({ profile: 's-old', scimSecret: 'Bearer hush' });
    const { id } = simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    expect((await scim('PATCH', `/Users/${id}`, { userName: 'ann' })).status).toBe(200);
    expect(status('ann')).toBe('suspended');
  });

  it('ends in a 500 when the derived name is taken', async () => {
    simulator.admin.createUser({ username: 'jdoe', email: 'other@x.io' });
    expect((await scim('POST', '/Users', person('j.doe@x.io'))).status).toBe(500);
  });
});

describe('the SCIM 2.0 server', () => {
  beforeEach(() => play('n26-scim2'));

  it('leads a user through life', async () => {
    const created = await scim('POST', '/Users', { userName: 'ann', emails: [{ value: 'ann@x.io' }] });
    const path = `/Users/${String(created.body['id'])}`;
    expect([created.status, created.type, created.location]).toEqual([
      201,
      'application/scim+json',
      expect.stringContaining(path),
    ]);
    expect((await scim('POST', '/Users', person('ann'))).body).toMatchObject({
      status: '409',
      scimType: 'uniqueness',
    });
    await scim('PATCH', path, patchOp({ op: 'Replace', path: 'Active', value: 'False' }));
    expect([status('ann'), (await scim('GET', path)).body['active']]).toEqual(['suspended', false]);
    const again = await scim('POST', '/Users', person('ann', false));
    expect([again.status, again.body['id'], status('ann')]).toEqual([201, created.body['id'], 'suspended']);
    await scim('POST', '/Users', person('ann'));
    expect(status('ann')).toBe('dormant');
    expect((await scim('PUT', path, { userName: 'ann', active: false })).status).toBe(200);
    await scim('PATCH', path, patchOp({ op: 'replace', value: { active: true } }));
    expect(status('ann')).toBe('dormant');
    const before = simulator.ledger.audited;
    await scim('PATCH', path, patchOp({ op: 'add', path: 'nickName', value: 'x' }));
    expect(simulator.ledger.audited).toBe(before);
    await scim('PATCH', path, patchOp({ op: 'remove', path: 'active' }));
    expect(status('ann')).toBe('suspended');
    expect((await scim('DELETE', path)).status).toBe(204);
  });

  it.each([
    ['active', true, 'active'],
    ['active', false, 'suspended'],
    ['active', undefined, 'active'],
    ['dormant', true, 'dormant'],
    ['dormant', false, 'suspended'],
    ['dormant', undefined, 'dormant'],
    ['suspended', true, 'dormant'],
    ['suspended', false, 'suspended'],
    ['suspended', undefined, 'suspended'],
  ] as const)('makes of %s and active %s: %s', async (from, active, to) => {
    const { id } = simulator.admin.createUser({ username: 'ann', email: 'ann@x.io', status: from });
    const value = active === undefined ? { nickName: 'x' } : { active };
    await scim('PATCH', `/Users/${id}`, patchOp({ op: 'replace', value }));
    expect(status('ann')).toBe(to);
  });

  it('lists in pages and finds by one comparison', async () => {
    for (const name of ['ann', 'bob', 'cid']) await scim('POST', '/Users', person(name));
    const page = await scim('GET', '/Users?startIndex=2&count=2');
    expect(page.body).toMatchObject({
      totalResults: 4,
      itemsPerPage: 2,
      Resources: [{ userName: 'bob' }, { userName: 'cid' }],
    });
    const filter = encodeURIComponent('email eq "BOB@x.io"');
    expect((await scim('GET', `/Users?filter=${filter}`)).body).toMatchObject({
      totalResults: 1,
      Resources: [{ userName: 'bob' }],
    });
    const two = encodeURIComponent('userName eq "a" and active eq true');
    expect((await scim('GET', `/Users?filter=${two}`)).status).toBe(400);
  });

  it('takes the primary email, else the last with a value, under names in any case', async () => {
    const emails = [
      7,
      { VALUE: 'one@x.io' },
      { Value: 'two@x.io', Primary: 'True' },
      { value: 'three@x.io' },
    ];
    await scim('POST', '/Users', { USERNAME: 'ann', Emails: emails });
    expect(simulator.admin.user('ann').email).toBe('two@x.io');
    await scim('POST', '/Users', { userName: 'bob', emails: [{ value: 'b@x.io' }, { value: '' }] });
    expect(simulator.admin.user('bob').email).toBe('b@x.io');
    expect((await scim('POST', '/Users', { userName: 'cid', emails: [] })).status).toBe(400);
  });

  it('can hit another person by the derived name', async () => {
    const { id } = simulator.admin.createUser({ username: 'bob', email: 'other@y.io', status: 'suspended' });
    const hit = await scim('POST', '/Users', { userName: 'bob@a.io', emails: [{ value: 'bob@a.io' }] });
    expect(hit.body['id']).toBe(id);
  });

  it('answers what is not there with 404, what is no PatchOp with 400, and says what it can do', async () => {
    for (const path of [UNKNOWN, '/Users/ann']) {
      for (const method of ['GET', 'DELETE']) expect((await scim(method, path)).status).toBe(404);
      for (const method of ['PUT', 'PATCH']) expect((await scim(method, path, {})).status).toBe(404);
    }
    const { id } = simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    expect((await scim('PATCH', `/Users/${id}`, { active: false })).status).toBe(400);
    expect((await scim('PATCH', `/Users/${id}`, patchOp())).status).toBe(400);
    expect((await scim('GET', '/Me')).status).toBe(501);
    for (const path of ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes']) {
      expect((await scim('GET', path)).status).toBe(200);
      expect((await scim('GET', path, undefined, '')).status).toBe(401);
    }
  });
});
