import { expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const bridge = useBridge();

/** As it is behind a worker that died, with a queue that lost its job meanwhile. */
const LEFT_BEHIND = `
  UPDATE bridge.targets SET lease_token = gen_random_uuid(), lease_until = now() + interval '10 seconds' WHERE id = $1`;

it('a person whose job was lost is taken up once the lease of the dead worker is over, though a group waits for that person with several jobs', async () => {
  const { scim, admin, simulator, database } = bridge;
  // While its connection is paused a target's job ends without any work.
  await database.query('UPDATE bridge.connections SET paused_at = now()');
  const bob = await scim.postUser('bob');
  await eventually(async () => expect(await admin.jobs()).toBe(0));
  await database.query(LEFT_BEHIND, [bob]);
  await database.query('UPDATE bridge.connections SET paused_at = NULL');
  await scim.postGroup('Devs', [bob]);
  // The group's own and the sweep's: as many as there are targets.
  await eventually(async () => expect(await admin.jobs()).toBe(2));
  expect(await admin.targets()).toMatchObject({ dirty: 2 });
  await bridge.untilSettled();
  expect(simulator.admin.membersOf('devs')).toEqual(['bob']);
});
