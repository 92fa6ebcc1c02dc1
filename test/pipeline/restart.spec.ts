import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { startTestBridge } from '../support/bridge.js';
import type { TestBridge, TestBridgeOptions } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

describe('a bridge that is started again on the same data', () => {
  let dataDir = '';
  let bridge: TestBridge | undefined;

  const start = async (options: Omit<TestBridgeOptions, 'dataDir'> = {}): Promise<TestBridge> => {
    bridge = await startTestBridge({ ...options, dataDir });
    return bridge;
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'bridge-restart-'));
  });
  afterEach(() => bridge?.close());
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it('without DRY_RUN does what the dry run showed', async () => {
    const dry = await start({ env: { DRY_RUN: 'true' } });
    const id = await dry.scim.postUser('dry');
    await dry.scim.postGroup('Dry', [id]);
    await dry.untilSettled();
    expect(await dry.admin.holds()).toHaveLength(2);
    expect(dry.simulator.calls.countMutations()).toBe(0);
    await dry.close();

    const wet = await start();
    await eventually(() => expect(wet.simulator.admin.membersOf('dry')).toEqual(['dry']));
    await wet.untilSettled();
    expect(await wet.admin.holds()).toEqual([]);
  });

  it('with an organization that Coder does not have suspends all the same, and says what is wrong', async () => {
    const first = await start();
    const id = await first.scim.postUser('stranded');
    const group = await first.scim.postGroup('Stranded', [id]);
    await first.untilSettled();
    await first.close();

    const lost = await start({ env: { CODER_ORGANIZATION: 'acme' } });
    await lost.scim.deactivate(id);
    await eventually(() => expect(lost.simulator.admin.user('stranded').status).toBe('suspended'));
    await lost.scim.renameGroup(group, 'Stranded here');
    await lost.untilSettled();
    const failures = await lost.admin.failures();
    expect(failures.map(({ failure }) => failure.detail)).toEqual(
      failures.map(() => expect.stringContaining('no organization "acme"')),
    );
    expect(failures.map(({ name }) => name)).toEqual(expect.arrayContaining(['stranded', 'Stranded here']));
    expect(lost.simulator.admin.membersOf('stranded')).toEqual(['stranded']);
    await lost.close();

    const found = await start();
    await found.scim.activate(id);
    await eventually(() => expect(found.simulator.admin.user('stranded').status).not.toBe('suspended'));
    await found.scim.deleteGroup(group);
    await found.scim.deleteUser(id);
    await found.untilSettled();
  });

  it('after a shutdown with runs in flight has lost nothing and doubled nothing', async () => {
    const first = await start();
    const slow = first.simulator.faults.add({
      kind: 'delay',
      delayMs: 5_000,
      match: { method: 'POST', route: '/api/v2/users' },
    });
    const names = Array.from({ length: 40 }, (_none, at) => `flying-${at}`);
    const ids = await Promise.all(names.map((name) => first.scim.postUser(name)));
    await first.scim.postGroup('Flying', ids);
    await eventually(() => expect(slow.struck).toBeGreaterThanOrEqual(12));
    await first.close();
    const flying = ({ simulator }: TestBridge): string[] =>
      [...simulator.state.users.values()]
        .map((user) => user.username)
        .filter((username) => username.startsWith('flying'))
        .toSorted();
    // Those in flight were waited for; the others had not begun.
    expect(flying(first).length).toBeGreaterThan(0);
    expect(flying(first).length).toBeLessThan(40);

    const second = await start();
    // Leases were given back and jobs kept or swept: nobody waits for anything to expire.
    await eventually(() => expect(second.simulator.admin.membersOf('flying')).toHaveLength(40));
    await second.untilSettled();
    expect(flying(second)).toEqual(names.toSorted());
    expect((await second.admin.sync()).body).toMatchObject({
      outcome: 'done',
      users: { differing: 0 },
      groups: { differing: 0 },
    });
  });

  it('keeps links and ownership: a replay of all it knows changes nothing', async () => {
    const again = await start();
    const { body } = await again.scim.get('/Users?filter=userName+eq+"flying-7"');
    await again.scim.putUser(String(body.Resources[0].id), 'flying-7');
    await again.admin.sync();
    await again.untilSettled();
    expect(again.simulator.calls.countMutations()).toBe(0);
    await again.scim.deactivate(String(body.Resources[0].id));
    await again.untilSettled();
    expect(again.simulator.admin.user('flying-7').status).toBe('suspended');
  });

  it('says that it is going, takes what still comes meanwhile, and then nothing more', async () => {
    const going = await start();
    const closing = going.bridge.close(5_000);
    expect(await going.admin.ready()).toMatchObject({ status: 503, body: { status: 'down' } });
    const late = await going.scim.postUser('late');
    await closing;
    await expect(going.scim.get('/Users')).rejects.toThrow('fetch failed');

    const again = await start();
    await again.untilSettled();
    expect(again.simulator.admin.user('late').status).toBe('dormant');
    expect((await again.scim.get(`/Users/${late}`)).status).toBe(200);
  });
});

describe('a lease that another holder has', () => {
  it('is waited for, and what waited for it is done when it expires', async () => {
    const bridge = await startTestBridge();
    const { scim, simulator, database } = bridge;
    const id = await scim.postUser('leased');
    await bridge.untilSettled();
    await database.query(
      "UPDATE bridge.targets SET lease_token = gen_random_uuid(), lease_until = now() + interval '2 seconds' WHERE id = $1",
      [id],
    );
    simulator.calls.reset();
    await scim.deactivate(id);
    const [row] = await database.query<{ leased: boolean }>(
      `SELECT lease_until > now() AS leased FROM bridge.targets WHERE id = $1`,
      [id],
    );
    if (row?.leased) expect(simulator.calls.countMutations()).toBe(0);
    await bridge.untilSettled();
    expect(simulator.admin.user('leased').status).toBe('suspended');
    expect(simulator.calls.countMutations()).toBe(1);
    await bridge.close();
  });
});
