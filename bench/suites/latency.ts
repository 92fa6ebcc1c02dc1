import { setTimeout as sleep } from 'node:timers/promises';

import type { Simulator } from '../../src/simulator/index.js';
import { engines, withBridge } from '../support/bridge.js';
import type { EngineName, Scene } from '../support/bridge.js';
import { median, p95, whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { addMembers, deactivate, groupBody, userBody } from '../support/people.js';

const TIMES = 50;

/** From before the push is sent until Coder has done what it asks, milliseconds. */
async function timed(
  { simulator, settled }: Scene,
  route: string,
  push: () => Promise<unknown>,
): Promise<number> {
  simulator.calls.reset();
  const started = Date.now();
  await push();
  const at = await arrival(simulator, route);
  // Idle again, before the next one.
  await settled();
  return at - started;
}

/** When Coder did the first mutation of a route. */
export async function arrival(simulator: Simulator, route: string): Promise<number> {
  for (;;) {
    const call = simulator.calls.mutations().find((one) => `${one.method} ${one.route}` === route);
    if (call) return call.at;
    await sleep(2);
  }
}

export const SUSPEND = 'PUT /api/v2/users/{user}/status/suspend';

async function measure(scene: Scene, engine: EngineName): Promise<string[][]> {
  const { idp } = scene;
  // Each addition is the first for long: a group that has just changed waits longer for more.
  const groups: string[] = [];
  for (let n = 0; n <= TIMES; n++) groups.push(await idp.create('Groups', groupBody(`Group ${n}`, [])));
  await scene.settled();
  const created: number[] = [];
  const added: number[] = [];
  const suspended: number[] = [];
  for (let n = 0; n <= TIMES; n++) {
    let id = '';
    const create = async (): Promise<void> => void (id = await idp.create('Users', userBody(`person-${n}`)));
    created.push(await timed(scene, 'POST /api/v2/users', create));
    added.push(
      await timed(scene, 'PATCH /api/v2/groups/{group}', () =>
        idp.patch('Groups', groups[n]!, addMembers(id)),
      ),
    );
    suspended.push(await timed(scene, SUSPEND, () => idp.patch('Users', id, deactivate())));
  }
  const row = (name: string, values: readonly number[]): string[] => {
    // The first one warmed up.
    const counted = values.slice(1);
    return [
      engine,
      name,
      ...[median(counted), p95(counted), Math.max(...counted)].map((ms) => `${whole(ms)} ms`),
    ];
  };
  return [
    row('create a user', created),
    row('deactivate a user', suspended),
    row('add a member (waits for 250 ms of quiet)', added),
  ];
}

export async function latency(): Promise<Section> {
  const rows: string[][] = [];
  for (const engine of engines()) rows.push(...(await withBridge(engine, (scene) => measure(scene, engine))));
  return {
    name: 'latency',
    title: 'From a push to Coder, on an idle bridge',
    setting: [
      `From before the request is sent until Coder has made the change; one after the other, ${TIMES} of each, each member in another group.`,
    ],
    tables: [{ columns: ['engine', 'push', 'median', '95 %', 'longest'], rows }],
  };
}
