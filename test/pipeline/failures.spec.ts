import { afterEach, describe, expect, it } from 'vitest';

import { createLog } from '../../src/telemetry/index.js';
import { AdminClient, useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const POST_USER = 'POST /api/v2/users';
const SUSPEND = 'PUT /api/v2/users/{user}/status/suspend';
const SUSPENSION = { method: 'PUT', route: '/api/v2/users/{user}/status/suspend' };
const CREATION = { method: 'POST', route: '/api/v2/users' };

const lines: string[] = [];
const bridge = useBridge({
  log: createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
});

afterEach(async () => {
  bridge.simulator.faults.clear();
  await bridge.untilSettled();
});

const tries = async (id: string): Promise<number> => {
  const [row] = await bridge.database.query<{ tries: number }>(
    'SELECT tries FROM bridge.targets WHERE id = $1',
    [id],
  );
  return row?.tries ?? -1;
};

describe('while Coder is away', () => {
  it('pushes are taken, readiness says degraded, and everything arrives without a restart when Coder is back', async () => {
    const { scim, simulator, admin } = bridge;
    const leaver = await scim.postUser('leaver');
    await bridge.untilSettled();
    await simulator.admin.stopListening();
    const users = await Promise.all(Array.from({ length: 8 }, (_none, at) => scim.postUser(`away-${at}`)));
    await scim.postGroup('Away', users);
    await scim.deactivate(leaver);
    const ready = await eventually(async () => {
      const answer = await admin.ready();
      expect(answer.body.components.coder.reason).toContain('Coder does not answer');
      const metrics = await admin.get('/metrics');
      expect(metrics.text).toMatch(/^idp_bridge_coder_breaker_open (?:1|0\.5)$/m);
      return answer;
    });
    expect(ready).toMatchObject({ status: 200, body: { status: 'degraded' } });
    const told = await new AdminClient(admin.base, null).ready();
    expect(told.body.components).toMatchObject({ coder: 'degraded', database: 'ok' });
    expect(told.text).not.toContain('does not answer');
    await simulator.admin.startListening();
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(simulator.admin.user('leaver').status).toBe('suspended');
    expect(simulator.admin.membersOf('away')).toHaveLength(8);
    await eventually(async () => expect((await admin.ready()).body.components.coder.status).toBe('ok'));
  });

  it.each([502, 503, 504])('%i is tried without limit and never a failure', async (status) => {
    const { scim, simulator } = bridge;
    const fault = simulator.faults.add({ kind: 'status', status, match: CREATION, times: 12 });
    await scim.postUser(`gateway-${status}`);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(fault.struck).toBe(12);
    expect(simulator.admin.user(`gateway-${status}`).status).toBe('dormant');
  });
});

describe('500', () => {
  it('of one target while others succeed is a failure after 8 tries, with the reason for people', async () => {
    const { scim, simulator, admin } = bridge;
    const fault = simulator.faults.add({
      kind: 'status',
      status: 500,
      match: { ...CREATION, user: 'cursed@example.com' },
    });
    const id = await scim.postUser('cursed');
    let others = 0;
    await eventually(async () => {
      await scim.postUser(`blessed-${(others += 1)}`);
      expect(await admin.failures()).toMatchObject([
        { id, name: 'cursed', failure: { status: 500, detail: expect.stringContaining('8 tries') } },
      ]);
    });
    expect(fault.struck).toBeGreaterThanOrEqual(8);
    await bridge.untilSettled();
    expect(simulator.admin.user(`blessed-${others}`).status).toBe('dormant');
    // The next change tries again.
    simulator.faults.clear();
    await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'No Longer Cursed' });
    await bridge.untilSettled();
    expect(simulator.admin.user('cursed').name).toBe('No Longer Cursed');
    expect(await admin.failures()).toEqual([]);
  });

  it('of everything is never a failure of anybody', async () => {
    const { scim, simulator } = bridge;
    const fault = simulator.faults.add({ kind: 'status', status: 500 });
    const ids = await Promise.all(['ill-1', 'ill-2', 'ill-3'].map((name) => scim.postUser(name)));
    await eventually(async () =>
      expect(Math.min(...(await Promise.all(ids.map(tries))))).toBeGreaterThan(10),
    );
    expect(fault.struck).toBeGreaterThan(30);
    simulator.faults.clear();
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(simulator.admin.user('ill-3').status).toBe('dormant');
  });

  it('that comes after an outage is not held against the target for the tries of the outage', async () => {
    const { scim, simulator } = bridge;
    const outage = simulator.faults.add({ kind: 'status', status: 503, match: CREATION });
    const id = await scim.postUser('survivor');
    await eventually(async () => expect(await tries(id)).toBeGreaterThan(8));
    const hiccup = simulator.faults.add({ kind: 'status', status: 500, match: CREATION, times: 3 });
    simulator.faults.clear(outage.id);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(hiccup.struck).toBe(3);
  });
});

describe('429', () => {
  it('closes that path as long as Retry-After says, spends no try, and lets other paths go on', async () => {
    const { scim, simulator } = bridge;
    const leaver = await scim.postUser('leaver-2');
    await bridge.untilSettled();
    simulator.calls.reset();
    const fault = simulator.faults.add({
      kind: 'status',
      status: 429,
      retryAfter: 5,
      match: CREATION,
      times: 1,
    });
    const id = await scim.postUser('throttled');
    await eventually(() => expect(fault.struck).toBe(1));
    await scim.deactivate(leaver);
    const second = await scim.postUser('throttled-too');
    await eventually(() => expect(simulator.admin.user('leaver-2').status).toBe('suspended'));
    expect(simulator.calls.count(POST_USER)).toBe(1);
    expect([await tries(id), await tries(second)]).toEqual([0, 0]);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    const [refused, ...rest] = simulator.calls
      .all()
      .filter((call) => call.route === CREATION.route && call.method === 'POST');
    expect(rest).toHaveLength(2);
    // What Coder asked for, from when it was asked.
    expect(Math.min(...rest.map((call) => call.at)) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(5_000);
  });
});

describe('401', () => {
  it('pauses all lanes with a loud error, fails nothing, and resumes by itself when the token works again', async () => {
    const { scim, simulator, admin } = bridge;
    const leaver = await scim.postUser('leaver-3');
    await bridge.untilSettled();
    lines.length = 0;
    simulator.faults.add({ kind: 'badToken' });
    await scim.postUser('patient-1');
    await eventually(async () => {
      const { body } = await admin.ready();
      expect(body.components.coder.reason).toContain('Coder refuses the session token');
    });
    expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([
      expect.stringContaining('CODER REFUSES THE SESSION TOKEN'),
    ]);
    expect(lines.join('')).not.toContain(simulator.token);
    simulator.calls.reset();
    await Promise.all(['patient-2', 'patient-3', 'patient-4'].map((name) => scim.postUser(name)));
    await scim.deactivate(leaver);
    // Nothing is asked any more but whether the token works.
    await eventually(() => expect(simulator.calls.count()).toBeGreaterThan(0));
    expect(new Set(simulator.calls.all().map((call) => call.path))).toEqual(new Set(['/api/v2/users/me']));
    expect(await admin.targets()).toMatchObject({ failed: 0 });
    simulator.faults.clear();
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(simulator.admin.user('leaver-3').status).toBe('suspended');
    expect(simulator.admin.user('patient-4').status).toBe('dormant');
  });
});

describe('a refusal of one step', () => {
  it.each([400, 403, 404, 409, 417])(
    '(%i) is looked at and planned once more, then it is a failure until the next change',
    async (status) => {
      const { scim, simulator, admin } = bridge;
      const id = await scim.postUser(`refused-${status}`);
      await bridge.untilSettled();
      simulator.calls.reset();
      simulator.faults.add({ kind: 'status', status, match: SUSPENSION });
      await scim.deactivate(id);
      await bridge.untilSettled();
      expect(simulator.calls.count(SUSPEND)).toBe(2);
      // First by what was known, then Coder was looked at.
      expect(simulator.calls.count('GET /api/v2/users/{user}')).toBe(1);
      expect(await admin.failures()).toMatchObject([
        { id, name: `refused-${status}`, failure: { status, step: 'PUT /users/{user}/status/suspend' } },
      ]);
      await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Changed' });
      await bridge.untilSettled();
      expect(simulator.calls.count(SUSPEND)).toBe(4);
      simulator.faults.clear();
      // The same once more, as an IdP sends it that saw the failure.
      await scim.deactivate(id);
      await bridge.untilSettled();
      expect(simulator.admin.user(`refused-${status}`).status).toBe('suspended');
      expect(await admin.failures()).toEqual([]);
    },
  );

  it('that was due to a stale view is none after the second look', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postUser('stale');
    await bridge.untilSettled();
    const fault = simulator.faults.add({ kind: 'status', status: 404, match: SUSPENSION, times: 1 });
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(fault.struck).toBe(1);
    expect(simulator.admin.user('stale').status).toBe('suspended');
    expect(await admin.failures()).toEqual([]);
  });

  it('is over with the next full sync, if Coder has come to its senses', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postUser('second-chance');
    await bridge.untilSettled();
    const fault = simulator.faults.add({ kind: 'status', status: 403, match: SUSPENSION });
    await scim.deactivate(id);
    await bridge.untilSettled();
    const ready = await eventually(async () => {
      const answer = await admin.ready();
      expect(answer.body.components.targets.status).toBe('degraded');
      return answer;
    });
    expect(ready.body.components.targets.reason).toContain('1 failed');
    simulator.faults.clear(fault.id);
    expect((await admin.sync()).body).toMatchObject({ outcome: 'done', retried: 1 });
    await bridge.untilSettled();
    expect(simulator.admin.user('second-chance').status).toBe('suspended');
    expect(await admin.failures()).toEqual([]);
  });
});
