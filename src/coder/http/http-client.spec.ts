import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AbortedError,
  AuthError,
  CoderError,
  ConflictError,
  GoneError,
  RejectedError,
  ServerError,
  ThrottledError,
  TransientError,
} from '../errors.js';
import { FakeCoder, groupRow, userRow } from '../testing/fake-coder.js';
import { FakeTime } from '../testing/fake-time.js';
import { httpCoderClient, type HttpCoderClient } from './http-client.js';
import { PathLimiter } from './limiter.js';

const TOKEN = 'abcdefghij-0123456789012345678901';
const time = new FakeTime();
let coder: FakeCoder;
let client: HttpCoderClient;

function connect(
  url: string,
  more: { timeoutMs?: number; maxBodyBytes?: number; perMinute?: number } = {},
): void {
  const { perMinute, ...options } = more;
  const limiter = new PathLimiter({
    clock: time,
    workers: () => 1,
    random: () => 0,
    ...(perMinute !== undefined && { perMinute }),
  });
  client = httpCoderClient({ url, sessionToken: TOKEN, clock: time, limiter, ...options });
}

beforeEach(async () => {
  coder = await FakeCoder.start();
  connect(coder.url);
});

afterEach(async () => {
  await client.close();
  await coder.close();
});

/** The error that a call ends with. */
async function failure(call: Promise<unknown>): Promise<CoderError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CoderError);
  return error as CoderError;
}

async function transient(call: Promise<unknown>): Promise<TransientError> {
  const error = await failure(call);
  expect(error).toBeInstanceOf(TransientError);
  return error as TransientError;
}

describe('what is sent', () => {
  it('authenticates by the Coder-Session-Token header alone', async () => {
    coder.answer(200, userRow('ann'));
    await client.getUser('ann');
    const { headers } = coder.seen[0]!;
    expect(headers['coder-session-token']).toBe(TOKEN);
    expect(headers.authorization).toBeUndefined();
    expect(headers.cookie).toBeUndefined();
  });

  it('puts values into the path as one encoded segment', async () => {
    coder.answer(200, groupRow('x'));
    await client.getGroupByName('coder', 'a/b ?c');
    expect(coder.seen[0]!.url).toBe('/api/v2/organizations/coder/groups/a%2Fb%20%3Fc');
  });

  it.each(['', '.', '..', '\ud800'])('sends nothing for %j, which cannot be a segment', async (user) => {
    expect(await failure(client.deleteUser(user))).toBeInstanceOf(RejectedError);
    expect(coder.seen).toEqual([]);
  });

  it('keeps a path prefix of the address', async () => {
    await client.close();
    connect(`${coder.url}/coder/`);
    coder.answer(200, { version: 'v2.26.0' });
    expect(await client.buildInfo()).toEqual({ version: 'v2.26.0' });
    expect(coder.seen[0]!.url).toBe('/coder/api/v2/buildinfo');
  });

  it('uses the methods, paths and bodies of the API', async () => {
    coder.responder = (request, response) => {
      const isGroup = request.url.includes('groups');
      const body = request.url.startsWith('/api/v2/users?')
        ? { users: [userRow('ann')], count: 1 }
        : isGroup
          ? groupRow('eng')
          : userRow('ann');
      response.writeHead(request.method === 'DELETE' ? 204 : 200);
      response.end(request.method === 'DELETE' ? undefined : JSON.stringify(body));
    };
    await client.listUsers({ q: 'ann@x.io', limit: 5, after_id: 'u9' });
    await client.createUser({
      email: 'ann@x.io',
      username: 'ann',
      login_type: 'oidc',
      user_status: 'dormant',
      organization_ids: ['o1'],
    });
    await client.updateUserProfile('u1', { username: 'ann', name: '' });
    await client.suspendUser('u1');
    await client.activateUser('u1');
    await client.deleteUser('u1');
    await client.addMember('o1', 'u1');
    await client.removeMember('o1', 'u1');
    await client.createGroup('o1', { name: 'eng' });
    await client.patchGroup('g1', { add_users: ['u1'], remove_users: [] });
    await client.deleteGroup('g1');
    expect(coder.seen.map((r) => `${r.method} ${r.url} ${r.body}`.trim())).toEqual([
      'GET /api/v2/users?q=ann%40x.io&limit=5&after_id=u9',
      'POST /api/v2/users {"email":"ann@x.io","username":"ann","login_type":"oidc","user_status":"dormant","organization_ids":["o1"]}',
      'PUT /api/v2/users/u1/profile {"username":"ann","name":""}',
      'PUT /api/v2/users/u1/status/suspend',
      'PUT /api/v2/users/u1/status/activate',
      'DELETE /api/v2/users/u1',
      'POST /api/v2/organizations/o1/members/u1',
      'DELETE /api/v2/organizations/o1/members/u1',
      'POST /api/v2/organizations/o1/groups {"name":"eng"}',
      'PATCH /api/v2/groups/g1 {"add_users":["u1"],"remove_users":[]}',
      'DELETE /api/v2/groups/g1',
    ]);
  });
});

describe('what a status means', () => {
  const said = (message: string): unknown => ({ message });

  it.each([
    [400, RejectedError],
    [401, AuthError],
    [403, RejectedError],
    [404, GoneError],
    [408, TransientError],
    [409, ConflictError],
    [417, RejectedError],
    [428, RejectedError],
    [429, ThrottledError],
    [500, ServerError],
    [501, ServerError],
    [502, TransientError],
    [503, TransientError],
    [504, TransientError],
    [522, TransientError],
    [302, TransientError],
  ])('%i is one class of error', async (status, Class) => {
    coder.answer(status, said('No.'), { location: 'https://elsewhere.example/' });
    const error = await failure(client.suspendUser('u1'));
    expect(error.name).toBe(Class.name);
    expect(error.status).toBe(status);
    expect(error.operation).toBe('PUT /users/{user}/status/suspend');
    expect(coder.seen).toHaveLength(1);
  });

  it.each([
    ['User ann is already an organization member', ''],
    ['Cannot add the same user to a group twice!', ''],
    ['Bad request.', 'User ann is already an organization member'],
  ])('a 400 that says "%s" %s is a conflict', async (message, detail) => {
    coder.answer(400, { message, detail });
    expect(await failure(client.addMember('o1', 'u1'))).toBeInstanceOf(ConflictError);
  });

  it('a user that does not resolve is gone, though Coder says 400', async () => {
    coder.answer(400, said('"user" must be an existing uuid or username.'));
    const error = await failure(client.getUser('nobody'));
    expect(error).toBeInstanceOf(GoneError);
    expect(error.status).toBe(400);
    expect(await failure(client.suspendUser('nobody'))).toBeInstanceOf(RejectedError);
  });

  it('a 400 of something in between does not make a user gone', async () => {
    coder.answer(400, '<html>Bad Request</html>');
    expect(await failure(client.getUser('ann'))).toBeInstanceOf(RejectedError);
  });

  it('a 404 that is not of Coder makes nothing gone: an ingress without a backend', async () => {
    coder.answer(404, 'default backend - 404', { 'content-type': 'text/plain' });
    const read = await transient(client.getGroup('g1'));
    expect([read.status, read.outcomeUnknown]).toEqual([404, false]);
    expect((await transient(client.deleteGroup('g1'))).outcomeUnknown).toBe(true);
  });

  it('a route that this version lacks makes nothing gone', async () => {
    coder.answer(404, said('Route not found.'));
    expect(await failure(client.getGroup('g1'))).toBeInstanceOf(RejectedError);
  });

  it('tells in the error what Coder said: message, detail and validations', async () => {
    coder.answer(400, {
      message: 'Validation failed.',
      detail: 'see below',
      validations: [{ field: 'name', detail: 'too long' }, 7],
    });
    expect((await failure(client.createGroup('o1', { name: 'x' }))).message).toBe(
      'POST /organizations/{organization}/groups: 400: Validation failed.; see below; name: too long',
    );
  });

  it('never shows the token, keeps to one line and cuts long texts', async () => {
    coder.answer(500, { message: `token ${TOKEN}\n\u0000bad`, detail: 'x'.repeat(10_000) });
    const { message } = await failure(client.getUser('ann'));
    expect(message).not.toContain(TOKEN);
    expect(message).toContain('token [token] bad');
    expect(message.length).toBeLessThan(600);
  });

  it('says of a mutation that met a gateway error that it may have been done, of a read that it was not', async () => {
    coder.answer(503, said('away'));
    expect((await transient(client.createGroup('o1', { name: 'x' }))).outcomeUnknown).toBe(true);
    expect((await transient(client.listGroups('o1'))).outcomeUnknown).toBe(false);
  });

  it.each([
    ['7', 7_000],
    [undefined, 60_000],
    ['soon', 60_000],
    ['999999999', 600_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ])('a 429 with Retry-After %s waits %i ms', async (retryAfter, ms) => {
    const headers: Record<string, string> = { date: 'Thu, 01 Jan 2026 00:00:00 GMT' };
    if (retryAfter !== undefined) headers['retry-after'] = retryAfter;
    coder.answer(429, said('Slow down.'), headers);
    const error = await failure(client.getUser('ann'));
    expect(error).toBeInstanceOf(ThrottledError);
    expect((error as ThrottledError).retryAfterMs).toBe(ms);
  });

  it('closes only the path that was throttled, and says so without asking Coder again', async () => {
    coder.answer(429, said('Slow down.'), { 'retry-after': '60' });
    await failure(client.getUser('ann'));
    coder.answer(200, userRow('ben'));
    const again = (await failure(client.getUser('ann'))) as ThrottledError;
    expect(again).toBeInstanceOf(ThrottledError);
    expect(again.status).toBeUndefined();
    expect(again.retryAfterMs).toBe(60_000);
    expect((await client.getUser('ben')).username).toBe('ben');
    expect(coder.seen).toHaveLength(2);
  });
});

describe('what an answer must look like', () => {
  const reads: [string, () => Promise<unknown>, unknown][] = [
    ['listUsers without users', () => client.listUsers({}), { count: 0 }],
    ['listUsers with null users', () => client.listUsers({}), { users: null, count: 0 }],
    ['listUsers without count', () => client.listUsers({}), { users: [] }],
    ['a list of groups that is null', () => client.listGroups('o1'), null],
    ['a list of groups that is an object', () => client.listGroups('o1'), { groups: [] }],
    ['a group without members', () => client.getGroup('g1'), groupRow('eng', { members: undefined })],
    [
      'a group with null members and a count',
      () => client.getGroup('g1'),
      groupRow('eng', { members: null, total_member_count: 3 }),
    ],
    ['a user without an id', () => client.getUser('ann'), userRow('ann', { id: undefined })],
    ['a user without roles', () => client.getUser('ann'), userRow('ann', { roles: undefined })],
    ['a user of an unknown status', () => client.getUser('ann'), userRow('ann', { status: 'limbo' })],
    ['an empty body', () => client.getUser('ann'), ''],
    ['half a body', () => client.getUser('ann'), '{"id":"u1","user'],
    ['a page of a proxy', () => client.getUser('ann'), '<html>sign in</html>'],
    ['members without a list', () => client.listMembers('o1', { limit: 5, offset: 0 }), { count: 1 }],
    ['an organization without an id', () => client.getOrganization('default'), { name: 'coder' }],
    ['entitlements without features', () => client.entitlements(), { has_license: true }],
    ['build info that is a list', () => client.buildInfo(), []],
  ];
  it.each(reads)('%s is no answer, not an empty one', async (_what, call, body) => {
    coder.answer(200, body);
    const error = await transient(call());
    expect([error.status, error.outcomeUnknown]).toEqual([200, false]);
  });

  it.each(['<html>sign in</html>', '[]', '"ok"'])(
    'a mutation answered by %s may have been done',
    async (body) => {
      coder.answer(200, body);
      expect((await transient(client.deleteUser('u1'))).outcomeUnknown).toBe(true);
      expect((await transient(client.patchGroup('g1', {}))).outcomeUnknown).toBe(true);
    },
  );

  it('takes an empty body where nothing is expected back', async () => {
    coder.answer(200, '');
    await expect(client.deleteUser('u1')).resolves.toBeUndefined();
    await expect(client.addMember('o1', 'u1')).resolves.toBeUndefined();
  });

  it('ignores unknown fields and does without those that some versions lack', async () => {
    coder.answer(200, {
      id: 'u1',
      username: 'ann',
      email: 'a@x.io',
      status: 'active',
      roles: null,
      organization_ids: null,
      is_service_account: false,
    });
    expect(await client.getUser('ann')).toEqual({
      id: 'u1',
      username: 'ann',
      email: 'a@x.io',
      status: 'active',
      created_at: '',
      roles: [],
      organization_ids: [],
    });
    coder.answer(200, {
      id: 'g1',
      name: 'eng',
      organization_id: 'o1',
      members: [userRow('ann')],
      source: 'user',
    });
    const group = await client.getGroup('g1');
    expect(group.members.map((member) => member.username)).toEqual(['ann']);
    expect(group.quota_allowance).toBe(0);
  });

  it('reads features by their names, whatever these are', async () => {
    coder.answer(
      200,
      '{"features":{"scim":{"entitlement":"entitled","enabled":true},"__proto__":{"enabled":true},"odd":7},"has_license":true}',
    );
    const { features, has_license } = await client.entitlements();
    expect(has_license).toBe(true);
    expect(features['scim']).toEqual({ entitlement: 'entitled', enabled: true });
    expect(Object.keys(features)).not.toContain('odd');
    expect(({} as { enabled?: boolean }).enabled).toBeUndefined();
  });

  it('refuses an answer that is longer than the limit', async () => {
    await client.close();
    connect(coder.url, { maxBodyBytes: 1_000 });
    coder.answer(200, [groupRow('eng', { display_name: 'x'.repeat(2_000) })]);
    expect((await transient(client.listGroups('o1'))).message).toContain('longer than 1000 bytes');
  });
});

describe('older versions', () => {
  it('reads members from the plain list where paginated-members is not there', async () => {
    const members = ['a', 'b', 'c'].map((id) => ({
      user_id: id,
      organization_id: 'o1',
      roles: [{ name: 'r' }],
    }));
    coder.responder = (request, response) => {
      const old = request.url === '/api/v2/organizations/o1/members';
      response
        .writeHead(old ? 200 : 404)
        .end(JSON.stringify(old ? members : { message: 'Route not found.' }));
    };
    const page = await client.listMembers('o1', { limit: 2, offset: 1 });
    expect([page.count, page.members.map((member) => member.user_id)]).toEqual([3, ['b', 'c']]);
  });

  it('does not fall back where the organization is gone', async () => {
    coder.answer(404, { message: 'Resource not found or you do not have access to this resource' });
    expect(await failure(client.listMembers('o1', { limit: 2, offset: 0 }))).toBeInstanceOf(GoneError);
    expect(coder.seen).toHaveLength(1);
  });
});

describe('no answer', () => {
  const create = (signal?: AbortSignal): Promise<unknown> =>
    client.createGroup('o1', { name: 'x' }, signal && { signal });

  it('a refused connection: nothing was sent', async () => {
    await coder.close();
    const error = await transient(create());
    expect(error.outcomeUnknown).toBe(false);
    expect(error.message).toContain('ECONNREFUSED');
    coder = await FakeCoder.start();
  });

  it('a name that does not resolve: nothing was sent', async () => {
    await client.close();
    connect('http://coder.invalid');
    expect((await transient(create())).outcomeUnknown).toBe(false);
  });

  it('a connection dropped before an answer: a mutation may have been done, a read not', async () => {
    coder.responder = (_request, response) => response.destroy();
    expect((await transient(create())).outcomeUnknown).toBe(true);
    expect((await transient(client.getGroup('g1'))).outcomeUnknown).toBe(false);
    expect(coder.seen).toHaveLength(2);
  });

  it('a connection dropped in the middle of the answer', async () => {
    coder.responder = (_request, response) => {
      response.writeHead(201, { 'content-length': '1000' });
      response.write('{"id":', () => response.destroy());
    };
    const error = await transient(create());
    expect([error.status, error.outcomeUnknown]).toEqual([undefined, true]);
  });

  it('a hanging server: the call ends by itself', async () => {
    await client.close();
    connect(coder.url, { timeoutMs: 2_000 });
    coder.responder = () => undefined;
    const error = await transient(create());
    expect(error.outcomeUnknown).toBe(true);
    expect(error).not.toBeInstanceOf(AbortedError);
    expect(error.message).toContain('no answer within 2000 ms');
  });

  it('a body that never ends: the call ends by itself', async () => {
    await client.close();
    connect(coder.url, { timeoutMs: 60 });
    coder.responder = (_request, response) => {
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    };
    expect((await transient(client.listGroups('o1'))).message).toContain('no answer within 240 ms');
  });

  it('an abort while the answer is awaited: outcome unknown, and nobody else is to blame', async () => {
    const controller = new AbortController();
    coder.responder = () => controller.abort();
    const error = await failure(create(controller.signal));
    expect(error).toBeInstanceOf(AbortedError);
    expect((error as AbortedError).outcomeUnknown).toBe(true);
  });

  it('an abort before the call: nothing was sent', async () => {
    const error = await failure(create(AbortSignal.abort()));
    expect(error).toBeInstanceOf(AbortedError);
    expect((error as AbortedError).outcomeUnknown).toBe(false);
    expect(coder.seen).toEqual([]);
  });

  it('an abort while the call waits for a free connection: nothing was sent', async () => {
    coder.responder = () => undefined;
    const others = Array.from({ length: 16 }, () => client.getGroup('busy').catch(() => undefined));
    await expect.poll(() => coder.seen.length).toBe(16);
    const controller = new AbortController();
    const call = failure(create(controller.signal));
    controller.abort();
    expect(((await call) as AbortedError).outcomeUnknown).toBe(false);
    await client.close();
    await Promise.all(others);
    expect(coder.seen).toHaveLength(16);
  });

  it('goes on with a new connection after a dropped one', async () => {
    coder.responder = (_request, response) => response.destroy();
    await transient(create());
    coder.answer(201, groupRow('x'));
    expect(await create()).toMatchObject({ name: 'x' });
  });
});

describe('limit and clock', () => {
  it('throws instead of waiting when the path has no token left, and counts reads and writes of a path together', async () => {
    await client.close();
    connect(coder.url, { perMinute: 60 });
    coder.responder = (request, response) => {
      const body = request.method === 'GET' ? { users: [], count: 0 } : userRow('ann');
      response.end(JSON.stringify(body));
    };
    for (let call = 0; call < 3; call += 1) await client.listUsers({ q: String(call) });
    await client.createUser({
      email: '',
      username: '',
      login_type: '',
      user_status: 'active',
      organization_ids: [],
    });
    const error = (await failure(client.listUsers({ limit: 1 }))) as ThrottledError;
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error.retryAfterMs).toBe(Math.ceil(60_000 / 55.2));
    expect(coder.seen).toHaveLength(4);
  });

  it("tells Coder's time by its Date header and the time that has passed since", async () => {
    expect(client.coderNow()).toBe(new Date(time.now()).toISOString());
    coder.answer(404, { message: 'no' }, { date: 'Fri, 01 May 2026 10:00:00 GMT' });
    await failure(client.getGroup('g1'));
    await time.advance(2_500);
    expect(client.coderNow()).toBe('2026-05-01T10:00:02.500Z');
    coder.answer(404, { message: 'no' }, { date: 'never' });
    await failure(client.getGroup('g1'));
    expect(client.coderNow()).toBe('2026-05-01T10:00:02.500Z');
  });
});
