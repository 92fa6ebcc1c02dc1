import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestBridge } from '../support/bridge.js';
import type { TestBridge, TestBridgeOptions } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';
import { TestIssuer } from '../support/jwt-issuer.js';

const AUDIENCE = 'idp-bridge-tests';
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const LIST = 'GET /api/v2/users/{user}/keys/tokens';
const REVOKE = 'DELETE /api/v2/users/{user}/keys/{key}';
const SUSPEND = 'PUT /api/v2/users/{user}/status/suspend';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer?.stop());

function start({ env, ...rest }: TestBridgeOptions = {}): Promise<TestBridge> {
  const oidc = { OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: AUDIENCE, REVOKE_ON_LOGOUT: 'true' };
  return startTestBridge({ ...rest, env: { ...oidc, ...env } });
}

/** One for all tests of a `describe`. */
function useStarted(options: TestBridgeOptions = {}): () => TestBridge {
  let bridge: TestBridge | undefined;
  beforeAll(async () => {
    bridge = await start(options);
  });
  afterAll(() => bridge?.close());
  return () => bridge ?? expect.fail('the bridge is not started');
}

/** Somebody known to Coder and to the bridge, whose `sub` is the name. */
async function employ(bridge: TestBridge, name: string): Promise<string> {
  const id = await bridge.scim.postUser(name, { externalId: name });
  await bridge.untilSettled();
  bridge.simulator.calls.reset();
  return id;
}

/** An API token that was made so many seconds ago. @returns its id */
function makeKey({ simulator }: TestBridge, name: string, secondsAgo = 0): string {
  const [id = ''] = simulator.admin.createToken(name).split('-');
  const row = simulator.state.tokens.get(id);
  if (!row) expect.fail('no token was made');
  const made = new Date(Date.now() - secondsAgo * 1_000).toISOString();
  simulator.state.apply(['token', { ...row, created_at: made }]);
  return id;
}

function keysOf({ simulator }: TestBridge, name: string): string[] {
  const { id } = simulator.admin.user(name);
  return [...simulator.state.tokens.values()].filter((row) => row.user_id === id).map((row) => row.id);
}

function logoutToken(name: string, secondsAgo = 0): Promise<string> {
  const iat = Math.floor(Date.now() / 1_000) - secondsAgo;
  return issuer.sign({ aud: AUDIENCE, sub: name, iat, jti: randomUUID(), events: EVENTS });
}

async function send({ scim }: TestBridge, token: string): Promise<void> {
  const url = scim.base.replace('/scim/v2', '/oidc/backchannel-logout');
  const body = new URLSearchParams({ logout_token: token });
  expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
}

/** The provider logs the person out. */
async function logOut(bridge: TestBridge, name: string, secondsAgo = 0): Promise<void> {
  await send(bridge, await logoutToken(name, secondsAgo));
}

const mutations = ({ simulator }: TestBridge): string[] =>
  simulator.calls.mutations().map(({ method, route }) => `${method} ${route}`);

async function entries({ database }: TestBridge, id: string, action: string) {
  const rows = await database.query<{ facts: Record<string, unknown> }>(
    'SELECT facts FROM bridge.journal WHERE target_id = $1 AND action = $2 ORDER BY id',
    [id, action],
  );
  return rows.map(({ facts }) => facts);
}

async function markOf({ database }: TestBridge, id: string): Promise<unknown> {
  const [row] = await database.query('SELECT keys_until, offboarded FROM bridge.targets WHERE id = $1', [id]);
  return row;
}

const NO_MARK = { keys_until: null, offboarded: null };

describe('somebody whom the provider logs out', () => {
  const present = useStarted({ env: { SITE_ROLES: '*' } });

  it('loses the API tokens made until then, and nothing else; those made later and those of others stay', async () => {
    const bridge = present();
    const id = await employ(bridge, 'ann');
    await employ(bridge, 'bob');
    await bridge.scim.postGroup('Painters', [id]);
    await bridge.untilSettled();
    bridge.simulator.admin.setRoles('ann', ['auditor']);
    const before = { ...bridge.simulator.admin.user('ann') };
    const old = [makeKey(bridge, 'ann', 120), makeKey(bridge, 'ann', 3_600)];
    const [later, other] = [makeKey(bridge, 'ann'), makeKey(bridge, 'bob', 120)];
    bridge.simulator.calls.reset();

    await logOut(bridge, 'ann', 60);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0, held: 0 });
    expect([keysOf(bridge, 'ann'), keysOf(bridge, 'bob')]).toEqual([[later], [other]]);
    expect(mutations(bridge)).toEqual([REVOKE, REVOKE]);
    expect(bridge.simulator.admin.user('ann')).toEqual(before);
    expect(bridge.simulator.admin.membersOf('painters')).toEqual(['ann']);
    const revoked = await entries(bridge, id, 'coder.user.tokenRevoked');
    expect(revoked.map(({ keyId }) => keyId).toSorted()).toEqual(old.toSorted());
    expect(revoked[0]?.['reason']).toContain('logged the person out');
    expect(await markOf(bridge, id)).toEqual(NO_MARK);
  });

  it('by the same token again causes no call', async () => {
    const bridge = present();
    await employ(bridge, 'carl');
    makeKey(bridge, 'carl', 60);
    const token = await logoutToken('carl');
    await send(bridge, token);
    await bridge.untilSettled();
    expect(keysOf(bridge, 'carl')).toEqual([]);
    const { calls } = bridge.simulator;
    calls.reset();
    await send(bridge, token);
    await bridge.untilSettled();
    expect([calls.count(LIST), mutations(bridge)]).toEqual([0, []]);
  });

  it('and has no API tokens is looked for once', async () => {
    const bridge = present();
    const id = await employ(bridge, 'dora');
    await logOut(bridge, 'dora');
    await bridge.untilSettled();
    await bridge.admin.sync();
    await bridge.untilSettled();
    expect([bridge.simulator.calls.count(LIST), mutations(bridge)]).toEqual([1, []]);
    expect(await markOf(bridge, id)).toEqual(NO_MARK);
  });

  it('and has no account in Coder is no work for anybody', async () => {
    const bridge = present();
    const id = await bridge.scim.postUser('emma', { externalId: 'emma', active: false });
    await bridge.untilSettled();
    bridge.simulator.calls.reset();
    await logOut(bridge, 'emma');
    expect(await bridge.untilSettled()).toMatchObject({ dirty: 0, failed: 0 });
    expect(mutations(bridge)).toEqual([]);
    expect(await markOf(bridge, id)).toEqual(NO_MARK);
  });

  it('again while the first logout is under way loses what was made between them as well', async () => {
    const bridge = present();
    const id = await employ(bridge, 'finn');
    makeKey(bridge, 'finn', 120);
    const [method = '', route = ''] = REVOKE.split(' ');
    const fault = bridge.simulator.faults.add({ kind: 'status', status: 503, match: { method, route } });
    await logOut(bridge, 'finn', 60);
    await eventually(() => expect(fault.struck).toBeGreaterThan(0));
    makeKey(bridge, 'finn', 30);
    await logOut(bridge, 'finn');
    bridge.simulator.faults.clear(fault.id);
    await bridge.untilSettled();
    expect(keysOf(bridge, 'finn')).toEqual([]);
    expect(await markOf(bridge, id)).toEqual(NO_MARK);
  });

  it('and leaves afterwards is told what leaving took, and not what the logout did', async () => {
    const bridge = present();
    const id = await employ(bridge, 'gwen');
    makeKey(bridge, 'gwen', 60);
    await logOut(bridge, 'gwen');
    await bridge.untilSettled();
    makeKey(bridge, 'gwen');
    await bridge.scim.deactivate(id);
    await bridge.untilSettled();
    await bridge.scim.activate(id);
    await bridge.untilSettled();
    const [told] = await entries(bridge, id, 'coder.user.activated');
    expect(told).toMatchObject({ notRestored: { tokens: 1, workspaces: 0 } });
  });

  it.each(['dropAfter', 'dropBefore'] as const)(
    'loses each token once, and the journal has it once, where an answer is lost (%s)',
    async (kind) => {
      const bridge = present();
      const name = kind.toLowerCase();
      const id = await employ(bridge, name);
      const keys = [makeKey(bridge, name, 60), makeKey(bridge, name, 60)];
      const [method = '', route = ''] = REVOKE.split(' ');
      bridge.simulator.faults.add({ kind, match: { method, route }, times: 1 });
      await logOut(bridge, name);
      expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
      expect(keysOf(bridge, name)).toEqual([]);
      const revoked = await entries(bridge, id, 'coder.user.tokenRevoked');
      expect(revoked.map(({ keyId }) => keyId).toSorted()).toEqual(keys.toSorted());
      expect(await markOf(bridge, id)).toEqual(NO_MARK);
      bridge.simulator.faults.clear();
    },
  );

  it('keeps what Coder refuses to revoke, which is on the record, and is not tried for ever', async () => {
    const bridge = present();
    const id = await employ(bridge, 'hugo');
    const key = makeKey(bridge, 'hugo', 60);
    const [method = '', route = ''] = REVOKE.split(' ');
    bridge.simulator.faults.add({ kind: 'status', status: 403, match: { method, route } });
    await logOut(bridge, 'hugo');
    expect(await bridge.untilSettled()).toMatchObject({ dirty: 0, failed: 0 });
    bridge.simulator.faults.clear();
    expect(await entries(bridge, id, 'coder.offboarding.refused')).toMatchObject([
      { step: 'revokeToken', status: 403, keyId: key },
    ]);
    expect(await markOf(bridge, id)).toEqual(NO_MARK);
  });
});

describe('a policy that keeps API tokens', () => {
  const present = useStarted({ env: { REVOKE_ON_LOGOUT: 'false' } });

  it('has a logout journaled, and Coder asked nothing', async () => {
    const bridge = present();
    const id = await employ(bridge, 'ann');
    const key = makeKey(bridge, 'ann', 60);
    await logOut(bridge, 'ann');
    await bridge.untilSettled();
    expect(keysOf(bridge, 'ann')).toEqual([key]);
    expect(bridge.simulator.calls.count(LIST)).toBe(0);
    expect(await entries(bridge, id, 'user.loggedOut')).toMatchObject([{ revokesKeys: false }]);
  });
});

describe('a policy that protects accounts, and leaves API tokens to those who leave', () => {
  const present = useStarted({
    env: { PROTECTED_USERS: 'ann', REVOKE_TOKENS: 'false', STOP_WORKSPACES: 'false' },
  });

  it('keeps those of a protected account, and the journal says why', async () => {
    const bridge = present();
    const id = await employ(bridge, 'ann');
    const key = makeKey(bridge, 'ann', 60);
    await logOut(bridge, 'ann');
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0, held: 0 });
    expect(keysOf(bridge, 'ann')).toEqual([key]);
    expect([bridge.simulator.calls.count(LIST), mutations(bridge)]).toEqual([0, []]);
    expect(await entries(bridge, id, 'note.keysKept')).toMatchObject([
      { detail: expect.stringContaining('protected') },
    ]);
    expect(await markOf(bridge, id)).toEqual(NO_MARK);
  });

  it('has only the older ones taken of somebody who was logged out and left', async () => {
    const bridge = present();
    const id = await employ(bridge, 'bob');
    makeKey(bridge, 'bob', 120);
    const later = makeKey(bridge, 'bob');
    const [method = '', route = ''] = REVOKE.split(' ');
    const fault = bridge.simulator.faults.add({ kind: 'status', status: 503, match: { method, route } });
    await logOut(bridge, 'bob', 60);
    await eventually(() => expect(fault.struck).toBeGreaterThan(0));
    await bridge.scim.deactivate(id);
    bridge.simulator.faults.clear(fault.id);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(keysOf(bridge, 'bob')).toEqual([later]);
    expect(mutations(bridge)).toContain(SUSPEND);
    expect(await markOf(bridge, id)).toMatchObject({ keys_until: null });
  });
});
