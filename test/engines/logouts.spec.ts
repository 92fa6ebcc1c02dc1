import { describe, expect, it } from 'vitest';
import { newId } from '../../src/common/index.js';
import { SqlLogouts, SqlTargetStore } from '../../src/directory/index.js';
import type { Logout } from '../../src/directory/index.js';
import { testDirectory, userState } from '../support/directory.js';
import { ENGINES, useEngine } from '../support/engines.js';

const START = Date.UTC(2026, 0, 5);

describe.each(ENGINES)('logouts on %s', (name) => {
  const held = useEngine(name);

  it('count each of twenty tokens once that come twice at once, and keep the newest mark; settling never loses one', async () => {
    const { database } = held.engine;
    const { users, context, wakeUps } = await testDirectory(database);
    const { resource } = await users.create(context, userState('ann', { externalId: 'ann' }));
    const { id } = resource;
    const logouts = new SqlLogouts(database, wakeUps);
    const store = new SqlTargetStore(database, wakeUps);
    const token = newId();
    await database.query('UPDATE bridge.targets SET lease_token = $2 WHERE id = $1', [id, token]);
    const all = Array.from({ length: 20 }, (_, n): Logout => ({
      connectionId: context.connectionId,
      issuer: 'https://idp.example.com',
      person: { subject: 'ann', externalIds: ['ann'] },
      at: new Date(START + n * 1_000),
      revokesKeys: true,
      requestId: newId(),
      source: 'backchannel',
      token: { id: `jti-${n}`, expiresAt: new Date(Date.now() + 60_000) },
    }));
    /** What a run does that reads, sees to the API tokens, and settles. */
    const run = async (): Promise<void> => {
      const target = await store.readUser(id);
      if (target?.keysUntil)
        await store.settle(id, token, target.desired, false, undefined, target.keysUntil);
    };
    const done = await Promise.all(
      [...all, ...all].flatMap((logout, n) => [logouts.loggedOut(logout), ...(n % 4 === 0 ? [run()] : [])]),
    );
    expect(done.filter((one) => one?.repeated === false)).toHaveLength(20);
    const target = await store.readUser(id);
    expect(target?.desired).toBe(21);
    // Whatever was settled meanwhile was a version that had been read: the last one is dirty, or its mark was seen to.
    if (target?.keysUntil) expect(target.applied).toBeLessThan(21);
    await run();
    expect(await store.readUser(id)).toMatchObject({ keysUntil: null, applied: 21 });
  });
});
