import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { ADMIN_TOKEN, AdminClient, SCIM_TOKEN, ScimClient } from '../support/bridge.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import { startProcess } from '../support/process.js';
import { redisAvailable, startRedis } from '../support/redis.js';

const QUEUES = ['PostgreSQL', ...(redisAvailable() ? ['Redis'] : [])];
const USERS = 100;
const GROUPS = 20;
const MEMBERS = 10;

describe.runIf(postgresAvailable()).each(QUEUES)('two workers with the queue on %s', (queue) => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  it('share more than a hundred targets that are dirty at once, and never work twice on one', async () => {
    const { simulator, scim, admin, startWorkers } = await open();
    const users = await Promise.all(Array.from({ length: USERS }, (_, i) => scim.postUser(`user${i}`)));
    const groups = await Promise.all(
      Array.from({ length: GROUPS }, (_, i) => scim.postGroup(`Group ${i}`, users.slice(i, i + MEMBERS))),
    );
    expect(await admin.targets()).toMatchObject({ dirty: USERS + GROUPS });
    await startWorkers();
    await settled(admin);
    // A user and a group are made by one call each; a group's members come with a second one, or with two where some were
    // still on their way.
    const { 'PATCH groups': patches, ...made } = mutations(simulator);
    expect(made).toEqual({ 'POST users': USERS, 'POST groups': GROUPS });
    expect(patches).toBeLessThanOrEqual(2 * GROUPS);

    simulator.calls.reset();
    const pushes = [
      // One after the other, so that the normal lane and the urgent one have a job of the same user.
      ...users.map((id) => async () => {
        await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Somebody Else' });
        await scim.deactivate(id);
      }),
      ...groups.map((id, i) => () => scim.renameGroup(id, `Renamed ${i}`)),
    ];
    // As many at a time as an identity provider sends, while five processes work.
    for (let at = 0; at < pushes.length; at += 30)
      await Promise.all(pushes.slice(at, at + 30).map((push) => push()));
    await settled(admin);
    expect(mutations(simulator)).toEqual({ 'PUT users': USERS, suspend: USERS, 'PATCH groups': GROUPS });

    simulator.calls.reset();
    for (let i = 0; i < USERS; i += 1) simulator.admin.activate(`user${i}`);
    expect((await admin.sync()).body).toMatchObject({
      users: { differing: USERS },
      groups: { differing: 0 },
    });
    await settled(admin);
    expect(mutations(simulator)).toEqual({ suspend: USERS });
  });

  async function open() {
    const simulator = await startSimulator();
    closers.push(() => simulator.close());
    // Calls that take a while meet each other.
    simulator.faults.set([{ kind: 'delay', delayMs: 15 }]);
    const postgres = await startPostgres();
    closers.push(() => postgres.stop());
    const settings: Record<string, string> = {
      DATABASE_URL: postgres.url,
      CODER_URL: simulator.url,
      CODER_SESSION_TOKEN: simulator.token,
      SCIM_TOKEN,
      ADMIN_TOKEN,
      CODER_RATE_LIMIT: '-1',
      SCIM_RATE_LIMIT: '-1',
      SAFETY_BUDGET: 'off',
      // Only when a test asks for it.
      FULL_SYNC_CRON: '0 0 1 1 *',
    };
    if (queue === 'Redis') {
      const redis = await startRedis();
      closers.push(() => redis.remove());
      settings['REDIS_URL'] = redis.url;
    }
    const start = async (roles: string): Promise<string> => {
      const bridge = await startProcess({ ...settings, BRIDGE_ROLES: roles });
      closers.push(() => bridge.kill9());
      return bridge.url;
    };
    const url = await start('api,scheduler');
    return {
      simulator,
      scim: new ScimClient(url),
      admin: new AdminClient(url),
      startWorkers: () => Promise.all([start('worker'), start('worker')]),
    };
  }
});

async function settled(admin: AdminClient): Promise<void> {
  await vi.waitFor(
    async () => expect(await admin.targets()).toMatchObject({ dirty: 0, failed: 0, held: 0 }),
    { timeout: 90_000, interval: 20 },
  );
}

/** How many mutations of each kind Coder carried out; none was refused. */
function mutations({ calls }: Simulator): Record<string, number> {
  const refused = calls
    .all()
    .filter(({ method, status }) => method !== 'GET' && (status < 200 || status > 299));
  expect(refused).toEqual([]);
  const counts: Record<string, number> = {};
  for (const { method, route } of calls.mutations()) {
    const kind = route.endsWith('/suspend')
      ? 'suspend'
      : `${method} ${route.includes('groups') ? 'groups' : 'users'}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
