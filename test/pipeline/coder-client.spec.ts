import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AuthError,
  ConflictError,
  connectCoder,
  GoneError,
  RejectedError,
  ServerError,
  ThrottledError,
  TransientError,
  type CoderConnection,
  type CoderUser,
  type CreateUserRequest,
} from '../../src/coder/index.js';
import { FakeTime } from '../../src/coder/testing/fake-time.js';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';

let simulator: Simulator;
let time: FakeTime;
let coder: CoderConnection;
let organization: string;
let logged: string[];

beforeEach(async () => {
  simulator = await startSimulator();
  await connect();
  organization = (await coder.client.getOrganization('default')).id;
  simulator.calls.reset();
});

afterEach(async () => {
  await coder.close();
  await simulator.close();
});

async function connect(more: { rateLimit?: number; timeoutMs?: number } = {}): Promise<void> {
  await coder?.close();
  const { timeoutMs, ...address } = more;
  time = new FakeTime(Date.now());
  logged = [];
  coder = connectCoder(
    { url: simulator.url, sessionToken: simulator.token, ...address },
    {
      clock: time,
      timers: time,
      random: () => 0,
      log: { error: (text) => logged.push(text), warn: (text) => logged.push(text) },
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  );
}

const request = (username: string, more: Partial<CreateUserRequest> = {}): CreateUserRequest => ({
  email: `${username}@example.com`,
  username,
  name: username,
  login_type: 'none',
  user_status: 'dormant',
  organization_ids: [organization],
  ...more,
});

async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a life in Coder', () => {
  it('of a user: created, found, renamed, suspended, activated, deleted', async () => {
    const { client } = coder;
    const ann = await client.createUser(request('ann'));
    expect(ann).toMatchObject({
      username: 'ann',
      status: 'dormant',
      organization_ids: [organization],
      roles: [],
    });
    expect(await failure(client.createUser(request('ann')))).toBeInstanceOf(ConflictError);
    expect((await client.listUsers({ q: 'ann@example.com' })).users.map((user) => user.id)).toEqual([ann.id]);
    expect((await client.updateUserProfile(ann.id, { username: 'anna', name: 'Anna' })).name).toBe('Anna');
    expect((await client.suspendUser(ann.id)).status).toBe('suspended');
    expect((await client.activateUser(ann.id)).status).toBe('active');
    await client.deleteUser(ann.id);
    expect(await failure(client.getUser('anna'))).toBeInstanceOf(GoneError);
    // by uuid Coder answers the deleted one as well
    expect((await client.getUser(ann.id)).id).toBe(ann.id);
  });

  it('of a membership: joined once, left once', async () => {
    const { client } = coder;
    const other = simulator.admin.createOrganization('other').id;
    const ann = await client.createUser(request('ann'));
    await client.addMember(other, ann.id);
    expect(await failure(client.addMember(other, ann.id))).toBeInstanceOf(ConflictError);
    const page = await client.listMembers(other, { limit: 10, offset: 0 });
    expect(page.members.map((member) => member.user_id)).toContain(ann.id);
    expect(page.count).toBe(page.members.length);
    await client.removeMember(other, ann.id);
    expect(await failure(client.removeMember(other, ann.id))).toBeInstanceOf(GoneError);
  });

  it('of a group: created, filled, renamed, deleted', async () => {
    const { client } = coder;
    const ann = await client.createUser(request('ann'));
    const group = await client.createGroup(organization, { name: 'eng', display_name: 'Engineering' });
    expect(group).toMatchObject({ name: 'eng', display_name: 'Engineering', source: 'user', members: [] });
    expect(await failure(client.createGroup(organization, { name: 'eng' }))).toBeInstanceOf(ConflictError);
    expect(await failure(client.createGroup(organization, { name: 'Everyone' }))).toBeInstanceOf(
      RejectedError,
    );
    const filled = await client.patchGroup(group.id, { add_users: [ann.id], name: 'engineering' });
    expect(filled.members.map((member) => member.id)).toEqual([ann.id]);
    expect(await failure(client.patchGroup(group.id, { add_users: [ann.id] }))).toBeInstanceOf(ConflictError);
    expect((await client.getGroupByName(organization, 'engineering')).id).toBe(group.id);
    expect(await failure(client.getGroupByName(organization, 'eng'))).toBeInstanceOf(GoneError);
    await client.deleteGroup(group.id);
    expect(await failure(client.getGroup(group.id))).toBeInstanceOf(GoneError);
    expect((await client.listGroups(organization)).map((one) => one.name)).toEqual(['Everyone']);
  });

  it('tells what it is and what is licensed', async () => {
    expect((await coder.client.buildInfo()).version).toMatch(/^v/);
    expect((await coder.client.entitlements()).features['template_rbac']?.enabled).toBe(true);
    expect(Date.parse(coder.client.coderNow())).toBeGreaterThan(0);
  });
});

describe('faults', () => {
  it.each([
    [500, ServerError],
    [502, TransientError],
    [503, TransientError],
    [429, ThrottledError],
    [403, RejectedError],
    [417, RejectedError],
  ])('%i', async (status, Class) => {
    simulator.faults.add({ kind: 'status', status, retryAfter: 3 });
    const error = await failure(coder.client.createUser(request('ann')));
    expect(error).toBeInstanceOf(Class);
    if (error instanceof ThrottledError) expect(error.retryAfterMs).toBe(3_000);
  });

  it.each([
    ['dropBefore', 0],
    ['dropAfter', 1],
  ] as const)(
    'a connection that is dropped (%s) leaves the outcome unknown, and nothing is sent twice',
    async (kind, done) => {
      simulator.faults.add({ kind, match: { method: 'POST' } });
      const error = await failure(coder.client.createUser(request('ann')));
      expect(error).toBeInstanceOf(TransientError);
      expect((error as TransientError).outcomeUnknown).toBe(true);
      expect(simulator.calls.count('POST /api/v2/users')).toBe(1);
      expect(simulator.calls.countMutations('POST /api/v2/users')).toBe(done);
    },
  );

  it('a hanging Coder', async () => {
    await connect({ timeoutMs: 100 });
    simulator.faults.add({ kind: 'hang' });
    expect(await failure(coder.client.createUser(request('ann')))).toBeInstanceOf(TransientError);
  });

  it('a Coder that is down, and comes back: work pauses and resumes by itself', async () => {
    await simulator.admin.stopListening();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const error = await failure(coder.client.createUser(request(name)));
      expect((error as TransientError).outcomeUnknown).toBe(false);
      coder.health.report(`user:${name}`, error);
    }
    expect(coder.health.status()).toMatchObject({ reachable: false, allowed: false });
    await time.advance(1_000);
    await expect.poll(() => coder.health.status().breaker.state).toBe('open');
    await simulator.admin.startListening();
    const resumed = coder.health.whenAllowed();
    await time.advance(30_000);
    await resumed;
    expect(coder.health.status()).toMatchObject({ reachable: true, allowed: true });
  });

  it('a bad token pauses all work, whoever met it, until a probe is accepted', async () => {
    const fault = simulator.faults.add({ kind: 'badToken' });
    expect(await failure(coder.users.get())).toBeInstanceOf(AuthError);
    expect(coder.health.status()).toMatchObject({ authOk: false, reachable: true, allowed: false });
    expect(logged.join()).not.toContain(simulator.token);
    simulator.faults.clear(fault.id);
    const resumed = coder.health.whenAllowed();
    await time.advance(10_000);
    await resumed;
    expect(coder.health.status().authOk).toBe(true);
  });
});

describe('the rate limit', () => {
  it('is kept without a single 429, reads and writes of a path together', async () => {
    simulator.admin.set({ rateLimit: 512 });
    await connect({ rateLimit: 512 });
    const calls = Array.from({ length: 200 }, (_none, at) =>
      failure(at % 2 ? coder.client.listUsers({ limit: 1 }) : coder.client.createUser(request(`u${at}`))),
    );
    const errors = (await Promise.all(calls)).filter((error) => error !== undefined);
    expect(errors).toHaveLength(160);
    for (const error of errors) expect(error).toBeInstanceOf(ThrottledError);
    expect(simulator.calls.all().filter((call) => call.status === 429)).toEqual([]);
    expect(simulator.calls.count()).toBe(40);
  });

  it('that others have used up is noticed by what Coder says remains', async () => {
    simulator.admin.set({ rateLimit: 30 });
    await connect({ rateLimit: 512 });
    let passed = 0;
    while (!((await failure(coder.client.listUsers({ limit: 1 }))) instanceof ThrottledError)) passed += 1;
    expect(passed).toBeLessThanOrEqual(30);
    expect(simulator.calls.all().filter((call) => call.status === 429)).toEqual([]);
  });
});

describe('snapshots', () => {
  it('hold thousands of users whose case is mixed, in as many calls as there are pages', async () => {
    for (let at = 0; at < 2_500; at += 1) {
      const username = `${at % 2 ? 'U' : 'u'}ser${at}`;
      simulator.admin.createUser({ username, email: `${username}@Example.com` });
    }
    const view = await coder.users.get();
    expect(view.size).toBe(2_501);
    expect(view.byUsername('USER7')?.email.toLowerCase()).toBe('user7@example.com');
    expect(simulator.calls.count('GET /api/v2/users')).toBe(3);
  });

  it('follow own creations without a list, and lists without creations lost', async () => {
    await coder.users.get();
    const created: CoderUser[] = [];
    for (let at = 0; at < 5; at += 1) {
      const user = await coder.client.createUser(request(`u${at}`));
      coder.users.noteCreated(user);
      created.push(user);
    }
    const view = await coder.users.get();
    expect(created.every((user) => view.byId(user.id) && view.usernames.has(user.username))).toBe(true);
    expect(simulator.calls.count('GET /api/v2/users')).toBe(1);
    expect((await coder.users.get(0)).byId(created[0]!.id)).toEqual(view.byId(created[0]!.id));
  });

  it('of groups hold their members', async () => {
    const ann = await coder.client.createUser(request('ann'));
    const group = await coder.client.createGroup(organization, { name: 'eng' });
    await coder.client.patchGroup(group.id, { add_users: [ann.id] });
    const view = await coder.groups(organization).get();
    expect(view.byName('eng')?.members.map((member) => member.id)).toEqual([ann.id]);
    expect(coder.groups(organization)).toBe(coder.groups(organization));
  });

  it.each([
    { kind: 'dropAfter' },
    { kind: 'hang' },
    { kind: 'badToken' },
    { kind: 'status', status: 200, body: { users: [], count: 0 } },
    { kind: 'status', status: 200, body: { users: null } },
    { kind: 'status', status: 200, body: [] },
    { kind: 'status', status: 404, body: 'default backend - 404' },
  ] as const)('are an error and never empty (%j)', async (fault) => {
    await connect({ timeoutMs: 50 });
    simulator.faults.add(fault);
    for (const snapshot of [coder.users, coder.groups(organization)]) {
      const error = await failure(snapshot.get());
      expect([TransientError, AuthError].some((Class) => error instanceof Class)).toBe(true);
    }
    simulator.faults.clear();
    await connect();
    expect((await coder.users.get()).size).toBe(1);
    expect((await coder.groups(organization).get()).size).toBe(1);
  });
});
