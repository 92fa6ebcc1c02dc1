import { describe, expect, it } from 'vitest';

import type { QueueBackend } from '../../src/queue/index.js';
import { useBridge } from '../support/bridge.js';

const NAMES = ['zebediah', 'quillon', 'corp.example', 'new name'];

interface Entry {
  readonly source: string;
  readonly action: string;
  readonly version: number | null;
  readonly facts: object;
  readonly personal: object | null;
  readonly personal_digest: Uint8Array | null;
}

const jobs: string[] = [];
const wrap = (real: QueueBackend): QueueBackend => ({
  kind: real.kind,
  queue: (lane) => {
    const queue = real.queue(lane);
    const addBulk = queue.addBulk.bind(queue);
    queue.addBulk = (added) => {
      jobs.push(...added.map((job) => JSON.stringify(job)));
      return addBulk(added);
    };
    return queue;
  },
  worker: (lane, processor, options) => real.worker(lane, processor, options),
  ping: () => real.ping(),
  close: () => real.close(),
});

describe('a life in the journal', () => {
  const bridge = useBridge({ tuning: { queue: wrap } });
  let user: string;
  let group: string;

  const entriesOf = (id: string): Promise<Entry[]> =>
    bridge.database.query<Entry>(
      'SELECT source, action, version, facts, personal, personal_digest FROM bridge.journal WHERE target_id = $1 ORDER BY id',
      [id],
    );

  it('has what was pushed and what was done about it, in order, with the version that both belong to', async () => {
    const { scim, simulator, database } = bridge;
    user = await scim.postUser('zebediah.quillon@corp.example', { externalId: '4711-external' });
    group = await scim.postGroup('Friends', [user]);
    await bridge.untilSettled();
    await scim.patchUser(user, { op: 'replace', path: 'name.formatted', value: 'New Name' });
    await bridge.untilSettled();
    await scim.deactivate(user);
    await scim.removeMembers(group, user);
    await bridge.untilSettled();
    expect(simulator.admin.user('zebediahquillon').status).toBe('suspended');

    const entries = await entriesOf(user);
    const told = entries.map(({ source, action, version }) => `${version} ${source} ${action}`);
    expect(told.filter((line) => line.includes(' scim '))).toEqual([
      expect.stringMatching(/^1 scim user\.created$/),
      expect.stringMatching(/^2 scim user\.\w+$/),
      expect.stringMatching(/^3 scim user\.\w+$/),
    ]);
    const done = told.filter((line) => line.includes(' reconcile '));
    expect(done.length).toBeGreaterThanOrEqual(3);
    // Each effect carries the version of the push that it was for, and comes after it.
    for (const version of [1, 2, 3]) {
      const pushed = told.findIndex((line) => line.startsWith(`${version} scim`));
      const effect = told.findIndex((line) => line.startsWith(`${version} reconcile`));
      expect(effect).toBeGreaterThan(pushed);
    }
    const memberships = await database.query<object>(
      'SELECT change FROM bridge.journal_memberships WHERE group_id = $1 AND user_id = $2 ORDER BY id',
      [group, user],
    );
    expect(memberships).toEqual([{ change: 'added' }, { change: 'removed' }]);
  });

  it('keeps what is personal in the erasable column only', async () => {
    const entries = await entriesOf(user);
    const kept = entries.map(({ personal: _erasable, ...rest }) => JSON.stringify(rest).toLowerCase());
    const erasable = JSON.stringify(entries.map(({ personal }) => personal)).toLowerCase();
    for (const name of NAMES) expect(erasable).toContain(name);
    for (const name of [...NAMES, '4711-external'])
      expect(kept.filter((row) => row.includes(name))).toEqual([]);
    for (const { personal, personal_digest } of entries)
      expect(personal === null).toBe(personal_digest === null);
  });

  it('was worked on by jobs that carry the key of a target and nothing else', () => {
    expect(jobs.length).toBeGreaterThan(3);
    for (const job of jobs) {
      const { data } = JSON.parse(job) as { data: object };
      expect(data).toEqual({ target: expect.stringMatching(/^(?:user|group):[0-9a-f-]{36}$/) });
      for (const name of [...NAMES, '4711-external', 'friends'])
        expect(job.toLowerCase()).not.toContain(name);
    }
  });
});
