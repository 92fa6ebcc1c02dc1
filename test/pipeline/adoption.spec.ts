import { describe, expect, it } from 'vitest';

import { openBackend } from '../../src/cli/commands/open-backend.js';
import { runCommand } from '../../src/cli/commands/program.js';
import { ADMIN_TOKEN, useBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';

const LIST = 'GET /api/v2/users';
const SUSPEND = 'PUT /api/v2/users/{user}/status/suspend';

/** A line of the report, as the admin API answers it. */
type Match = Record<string, unknown> & {
  userName: string;
  outcome: string;
  account: Record<string, unknown> & { accountId: string };
};

async function report({ admin }: TestBridge, query = ''): Promise<Match[]> {
  return (await admin.done('GET', `/api/v1/adoption${query}`)).body.matches;
}

/** What a command prints that asks the bridge. */
async function command(bridge: TestBridge, ...argv: readonly string[]): Promise<string> {
  let out = '';
  await runCommand(argv, {
    open: (place) =>
      openBackend(place, {
        dataDir: '/nowhere/at/all',
        noColor: true,
        bridgeUrl: bridge.admin.base,
        adminToken: ADMIN_TOKEN,
      }),
    out: (text) => (out += text),
    error: () => undefined,
    signal: new AbortController().signal,
  });
  return out;
}

describe('accounts that Coder has already, where a person has to approve', () => {
  const bridge = useBridge({ env: { ADOPT_USERS: 'approve' } });

  it('wait with the evidence, and nothing is done about them meanwhile', async () => {
    const { scim, simulator, admin } = bridge;
    const { id: accountId } = simulator.admin.createUser({ username: 'ann', email: 'Ann@Example.com' });
    simulator.admin.suspend('ann');
    simulator.calls.reset();
    const id = await scim.postUser('ann');
    await bridge.untilSettled();
    expect(await admin.targets()).toMatchObject({ held: 1, failed: 0 });
    expect(await admin.holds()).toMatchObject([
      {
        id,
        held: {
          adopts: {
            accountId,
            username: 'ann',
            email: 'Ann@Example.com',
            usernameEqual: true,
            status: 'suspended',
          },
          steps: [{ do: 'adoptUser' }, { do: 'activateUser' }, { do: 'updateProfile' }],
        },
      },
    ]);
    expect(simulator.calls.countMutations()).toBe(0);
    expect(await report(bridge)).toMatchObject([{ userName: 'ann', outcome: 'held', by: 'email' }]);
    expect(await command(bridge, 'adopt', '--report')).toMatch(
      /waits for approval +default +ann +ann +Ann@Example/,
    );
  });

  it('are taken over once somebody says so', async () => {
    const { simulator, admin } = bridge;
    expect(await command(bridge, 'adopt', '--approve', 'ANN@example.com')).toBe(
      'Approved: ann (default) takes over ann.\n',
    );
    await bridge.untilSettled();
    expect(simulator.admin.user('ann')).toMatchObject({ status: 'active', name: 'The ann' });
    expect(await admin.targets()).toMatchObject({ held: 0, failed: 0 });
    expect(await report(bridge)).toEqual([]);
    await expect(command(bridge, 'adopt', '--approve', 'ann')).rejects.toThrow(/Not everybody/);
  });

  it('are approved by their very id: another account of the address waits anew', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createUser({ username: 'bob', email: 'bob@example.com' });
    const id = await scim.postUser('bob');
    await bridge.untilSettled();
    await admin.done('POST', '/api/v1/connections/default/pause');
    expect(await command(bridge, 'adopt', '--all')).toMatch(/^Approved: bob/);
    simulator.admin.deleteUser('bob');
    const { id: other } = simulator.admin.createUser({ username: 'bob', email: 'bob@example.com' });
    await admin.done('POST', '/api/v1/connections/default/resume');
    await bridge.untilSettled();
    expect(await admin.holds()).toMatchObject([{ id, held: { adopts: { accountId: other } } }]);
    // As any hold, by the hash that was shown.
    const [hold] = await admin.holds();
    await admin.approve(id, hold?.held.hash ?? '');
    await bridge.untilSettled();
    expect(simulator.admin.user(other)).toMatchObject({ name: 'The bob' });
    expect(await admin.holds()).toEqual([]);
  });

  it('wait again after each push, and go on waiting when it is about something else', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createUser({ username: 'eve', email: 'eve@example.com' });
    const id = await scim.postUser('eve');
    await bridge.untilSettled();
    await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Eve' });
    await admin.sync();
    await bridge.untilSettled();
    expect((await admin.holds()).map((hold) => hold.id)).toEqual([id]);
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(await admin.holds()).toEqual([]);
    expect(simulator.admin.user('eve').status).toBe('active');
    expect(simulator.calls.count(SUSPEND)).toBe(0);
  });
});

describe('accounts that Coder has already, where the policy adopts none', () => {
  const bridge = useBridge({ env: { ADOPT_USERS: 'never' } });

  it('are left alone, and their users fail with the reason', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createUser({ username: 'ann', email: 'ann@example.com' });
    simulator.calls.reset();
    const id = await scim.postUser('ann');
    await bridge.untilSettled();
    expect(await admin.failures()).toMatchObject([
      {
        id,
        failure: { kind: 'uniqueness', step: 'adoptUser', detail: expect.stringContaining('adopts none') },
      },
    ]);
    expect(simulator.calls.countMutations()).toBe(0);
    expect(await report(bridge)).toMatchObject([
      { outcome: 'refused', detail: expect.stringContaining('adopts none') },
    ]);
  });
});

describe('accounts that Coder has already, in a dry run', () => {
  const bridge = useBridge({ env: { DRY_RUN: 'true', ADOPT_USERS: 'approve' } });

  it('are reported as ever, and there is nothing to approve yet', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.admin.createUser({ username: 'ann', email: 'ann@example.com' });
    // Coder is listed: otherwise one user is created without a look, and Coder's refusal would tell.
    await admin.sync();
    await scim.postUser('ann');
    await bridge.untilSettled();
    expect(await report(bridge)).toMatchObject([{ userName: 'ann', outcome: 'held' }]);
    expect(await admin.holds()).toMatchObject([{ held: { dryRun: true, adopts: { username: 'ann' } } }]);
    expect((await admin.post('/api/v1/adoption/approvals', { users: ['ann'] })).body).toEqual({
      approved: [],
      unknown: ['ann'],
      ambiguous: [],
    });
    expect(await command(bridge, 'adopt', '--all')).toBe('Nothing waits for approval.\n');
  });
});

describe('the report of what would be adopted', () => {
  const bridge = useBridge({ env: { ADOPT_GROUPS: 'empty', PROTECTED_USERS: 'breakglass' } });

  it('tells before anything is applied, by one list of Coder, what fits and what becomes of it', async () => {
    const { scim, simulator, admin } = bridge;
    const account = (username: string, email: string, more: object = {}) =>
      simulator.admin.createUser({ username, email, login_type: 'oidc', ...more });
    await admin.done('POST', '/api/v1/connections/default/pause');
    const { id: accountId } = account('ann', 'ANN@example.com');
    account('b-other', 'bob@example.com', { login_type: 'password', status: 'suspended' });
    account('carl', 'another.carl@example.com');
    account('breakglass', 'dora@example.com');
    simulator.admin.createGroup({ name: 'empty' });
    const full = simulator.admin.createGroup({ name: 'full' });
    simulator.admin.addToGroup(full.id, 'ann');
    for (const name of ['ann', 'bob', 'carl', 'dora', 'nobody']) await scim.postUser(name);
    await scim.postUser('gone', { active: false });
    for (const name of ['Empty', 'Full', 'New']) await scim.postGroup(name);
    simulator.calls.reset();

    const matches = await report(bridge);
    expect(matches).toMatchObject([
      {
        userName: 'ann',
        connection: 'default',
        by: 'email',
        outcome: 'adopted',
        account: {
          accountId,
          username: 'ann',
          usernameEqual: true,
          status: 'active',
          loginType: 'oidc',
          refusesSso: false,
          shield: null,
        },
        linkedTo: null,
      },
      {
        userName: 'bob',
        by: 'email',
        outcome: 'adopted',
        account: { usernameEqual: false, loginType: 'password', refusesSso: true, status: 'suspended' },
        steps: expect.arrayContaining(['activateUser']),
      },
      { userName: 'carl', by: 'username', outcome: 'notAdopted', steps: [] },
      { userName: 'dora', by: 'email', outcome: 'refused', account: { shield: 'protected' } },
    ]);
    expect(await report(bridge, '?kind=group')).toMatchObject([
      { displayName: 'Empty', outcome: 'adopted', group: { name: 'empty', members: 0, source: 'user' } },
      { displayName: 'Full', outcome: 'refused', group: { name: 'full', members: 1 } },
    ]);
    expect(simulator.calls.count(LIST)).toBe(1);
    expect(simulator.calls.countMutations()).toBe(0);
    expect(await admin.targets()).toMatchObject({ dirty: 0, paused: 9 });
  });

  it('comes in parts, as text and as JSON', async () => {
    const first = (await bridge.admin.done('GET', '/api/v1/adoption?limit=2')).body;
    expect(first).toMatchObject({ compared: 2, matches: [{ userName: 'ann' }, { userName: 'bob' }] });
    const next = (await bridge.admin.done('GET', `/api/v1/adoption?limit=2&after=${first.next}`)).body;
    expect(next.matches).toMatchObject([{ userName: 'carl' }, { userName: 'dora' }]);
    const text = await command(bridge, 'adopt', '--report', '--connection', 'default');
    expect(text).toContain('Users without an account in the bridge: 5; accounts in Coder that fit: 4.');
    expect(text).toMatch(/^adopted .* ann .* email, username +active +oidc$/m);
    expect(text).toMatch(
      /^adopted .* bob +b-other .* email +suspended +password +single sign-on is refused there$/m,
    );
    expect(text).toMatch(/^not adopted .* carl .* username +active/m);
    expect(text).toMatch(/^refused .* dora .* protected$/m);
    expect(text).toContain('Groups without one in Coder: 3; groups in Coder that fit: 2.');
    const json = JSON.parse(await command(bridge, 'adopt', '--report', '--json'));
    expect(json).toMatchObject({ compared: { users: 5, groups: 3 } });
    expect(json.users).toHaveLength(4);
  });

  it('is what happens when the connection is resumed', async () => {
    const { simulator, admin, database } = bridge;
    const told = new Map((await report(bridge)).map((match) => [match.userName, match]));
    await admin.done('POST', '/api/v1/connections/default/resume');
    await bridge.untilSettled();
    const linked = await database.query<{ name: string; id: string | null }>(
      'SELECT u.user_name AS name, t.coder_id AS id FROM bridge.users u JOIN bridge.targets t ON t.id = u.id WHERE u.active',
    );
    for (const { name, id } of linked) {
      const match = told.get(name);
      if (match?.outcome === 'adopted') expect([name, id]).toEqual([name, match.account.accountId]);
      else expect(id).not.toBe(match?.account.accountId);
    }
    expect(simulator.admin.user('carl').email).toBe('another.carl@example.com');
    expect(simulator.admin.user('carl-2').email).toBe('carl@example.com');
    expect((await admin.failures()).map(({ name }) => name).toSorted()).toEqual(['Full', 'dora']);
  });

  it('names who has the account already', async () => {
    const { scim, simulator } = bridge;
    simulator.admin.updateUser('ann', { email: 'maiden@example.com' });
    await bridge.admin.sync();
    await scim.postUser('maiden');
    await bridge.untilSettled();
    const [match] = (await report(bridge)).filter(({ userName }) => userName === 'maiden');
    expect(match).toMatchObject({
      outcome: 'refused',
      linkedTo: { connection: 'default', name: 'ann' },
      detail: 'It is linked to ann of connection default already.',
    });
  });

  it.each(['?kind=role', '?limit=0', '?limit=501', '?after=x', '?connection='])(
    'refuses %s with what it takes',
    async (query) => {
      expect(await bridge.admin.get(`/api/v1/adoption${query}`)).toMatchObject({
        status: 400,
        body: { error: 'badRequest' },
      });
    },
  );

  it('and an approval name what there is', async () => {
    const { admin } = bridge;
    const unknown = { status: 404, body: { error: 'unknownConnection' } };
    expect(await admin.get('/api/v1/adoption?connection=nobody')).toMatchObject(unknown);
    const approvals = '/api/v1/adoption/approvals';
    expect(await admin.post(approvals, { all: true, connection: 'nobody' })).toMatchObject(unknown);
    for (const body of [{}, { users: [] }, { users: [7] }, { users: ['a'], all: true }, []])
      expect((await admin.post(approvals, body)).status).toBe(400);
  });
});
