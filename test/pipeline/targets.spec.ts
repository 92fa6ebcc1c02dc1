import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { targetKey } from '../../src/common/index.js';
import type { Lane } from '../../src/common/index.js';
import type { LaneProcessor, QueueBackend } from '../../src/queue/index.js';
import { ScimClient, useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const POST_USER = 'POST /api/v2/users';
const CREATION = { method: 'POST', route: '/api/v2/users' };

describe('what another connection of the same bridge pushes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-targets-'));
  const file = join(folder, 'bridge.yaml');
  const token = 'a-token-of-the-second-connection';
  writeFileSync(
    file,
    `connections: [{ name: first }, { name: second, tokens: [{ label: second, secret: ${token} }] }]`,
  );
  const bridge = useBridge({ env: { BRIDGE_CONFIG: file } });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The identity provider of the second connection. */
  const second = (): ScimClient => new ScimClient(`${bridge.admin.base}/connections/second`, token);

  it('never gets an account that is linked already: it is failed, and the account stays as it was', async () => {
    const { scim, simulator, admin } = bridge;
    await scim.postUser('ann');
    await bridge.untilSettled();
    // As a login does it that brings a new address.
    const account = simulator.admin.updateUser('ann', { email: 'maiden@example.com' });
    simulator.calls.reset();
    const other = second();
    const claimant = await other.postUser('maiden', { name: { formatted: 'Somebody Else' } });
    await bridge.untilSettled();
    expect(await admin.failures()).toMatchObject([
      {
        id: claimant,
        failure: { kind: 'uniqueness', step: 'link', detail: expect.stringContaining(account.id) },
      },
    ]);
    expect(simulator.admin.user('ann')).toMatchObject({ id: account.id, name: 'The ann' });
    expect(simulator.calls.countMutations()).toBe(0);
    // Nor does it lose the account to a deletion of who never had it.
    await other.deleteUser(claimant);
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').status).not.toBe('suspended');
  });

  it('never gets a group that is linked already, but one of its own', async () => {
    const { scim, simulator } = bridge;
    const ben = await scim.postUser('ben');
    await scim.postGroup('Platform', [ben]);
    await bridge.untilSettled();
    const other = second();
    const cleo = await other.postUser('cleo');
    await other.postGroup('Platform', [cleo]);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('platform')).toEqual(['ben']);
    expect(simulator.admin.membersOf('platform-2')).toEqual(['cleo']);
  });
});

interface State {
  readonly linked: boolean;
  readonly dirty: boolean;
  readonly holder: string | null;
}

const STATE = `SELECT coder_id IS NOT NULL AS linked, applied < desired AS dirty, lease_token::text AS holder
                 FROM bridge.targets WHERE id = $1`;

describe('a run', () => {
  const processors = new Map<Lane, LaneProcessor>();
  const wrap = (real: QueueBackend): QueueBackend => ({
    kind: real.kind,
    queue: (lane) => real.queue(lane),
    worker: (lane, processor, options) => {
      processors.set(lane, processor);
      return real.worker(lane, processor, options);
    },
    ping: () => real.ping(),
    close: () => real.close(),
  });
  const bridge = useBridge({ tuning: { queue: wrap } });

  const runAgain = async (kind: 'user' | 'group', id: string): Promise<void> => {
    const run = processors.get('normal') ?? expect.fail('no worker');
    await run({ data: { target: targetKey(kind, id) } } as Parameters<LaneProcessor>[0]);
  };

  it('of a target that is clean asks Coder nothing, however often it is run', async () => {
    const { scim, simulator } = bridge;
    const user = await scim.postUser('clean');
    const group = await scim.postGroup('Clean', [user]);
    await bridge.untilSettled();
    const [row] = await bridge.database.query<{ id: string }>(
      'SELECT target_id AS id FROM bridge.groups WHERE id = $1',
      [group],
    );
    simulator.calls.reset();
    for (let time = 0; time < 3; time += 1) {
      await runAgain('user', user);
      await runAgain('group', row?.id ?? '');
    }
    expect(simulator.calls.count()).toBe(0);
  });

  it('of a target that is gone is nothing, and no error', async () => {
    bridge.simulator.calls.reset();
    await runAgain('user', '01900000-0000-7000-8000-000000000000');
    expect(bridge.simulator.calls.count()).toBe(0);
  });

  it('that lost its lease while Coder worked records nothing; the next one finds the account and makes no second one', async () => {
    const { scim, simulator, database } = bridge;
    const slow = simulator.faults.add({ kind: 'delay', delayMs: 800, match: CREATION, times: 1 });
    const id = await scim.postUser('robbed');
    await eventually(() => expect(slow.struck).toBe(1));
    const thief = '01900000-0000-7000-8000-00000000dead';
    await database.query(
      "UPDATE bridge.targets SET lease_token = $2, lease_until = now() + interval '3 seconds' WHERE id = $1",
      [id, thief],
    );
    const state = async (): Promise<State | undefined> => (await database.query<State>(STATE, [id]))[0];
    await eventually(() => expect(simulator.admin.user('robbed').status).toBe('dormant'));
    // Whoever lost the lease must not write the answer down, as long as another one has the target.
    const written: unknown[] = [];
    await eventually(async () => {
      const now = await state();
      if (now?.holder === thief && (now.linked || !now.dirty)) written.push(now);
      expect(now?.holder).not.toBe(thief);
    });
    expect(written).toEqual([]);
    expect(await bridge.untilSettled()).toMatchObject({ failed: 0 });
    expect(await state()).toMatchObject({ linked: true, dirty: false });
    expect(simulator.calls.count(POST_USER)).toBe(1);
    expect(
      [...simulator.state.users.values()].filter(({ email }) => email === 'robbed@example.com'),
    ).toHaveLength(1);
  });
});
