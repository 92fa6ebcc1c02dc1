import { setTimeout as sleep } from 'node:timers/promises';

import { engines, withBridge } from '../support/bridge.js';
import type { EngineName, Scene } from '../support/bridge.js';
import { median, whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { each } from '../support/idp.js';
import { deactivate, userBody } from '../support/people.js';
import { arrival, SUSPEND } from './latency.js';

const WAITING = 1_000;
/** Enough that so many still wait when the last one is deactivated. */
const CREATED = 1_400;
/** Between two deactivations. */
const PAUSE_MS = 1_000;
/** Coder's default: requests per minute and path. */
const DEFAULT_LIMIT = 512;
/** Without a limit Coder takes this long for each creation, or nothing would wait. */
const SLOW_CREATION_MS = 500;

/** Deactivates users one after the other while creations wait. */
async function measure(scene: Scene, engine: EngineName, limited: boolean, times: number): Promise<string[]> {
  const { idp, simulator, settled } = scene;
  const leavers: string[] = [];
  for (let n = 0; n < times; n++) leavers.push(await idp.create('Users', userBody(`leaver-${n}`)));
  await settled();
  if (!limited) {
    const match = { method: 'POST', route: '/api/v2/users' };
    simulator.faults.set([{ kind: 'delay', delayMs: SLOW_CREATION_MS, match }]);
  }
  await each(Array.from({ length: CREATED }), async (_, n) => {
    await idp.create('Users', userBody(`person-${n}`));
  });
  const taken: number[] = [];
  let waiting = Infinity;
  for (const leaver of leavers) {
    waiting = Math.min(waiting, await idp.dirty());
    simulator.calls.reset();
    const started = Date.now();
    await idp.patch('Users', leaver, deactivate());
    taken.push((await arrival(simulator, SUSPEND)) - started);
    await sleep(PAUSE_MS);
  }
  if (waiting < WAITING) throw new Error(`only ${waiting} creations were waiting`);
  const limit = limited ? `${DEFAULT_LIMIT} a minute and path` : 'none';
  const times_ = [median(taken), Math.max(...taken)].map((ms) => `${whole(ms)} ms`);
  return [engine, limit, whole(waiting), ...times_, 'at most 2,000 ms'];
}

export async function deactivation(rounds: number): Promise<Section> {
  const times = Math.max(5, rounds);
  const rows: string[][] = [];
  for (const engine of engines()) {
    for (const limited of [true, false]) {
      const play = (scene: Scene) => measure(scene, engine, limited, times);
      rows.push(await withBridge(engine, play, limited ? DEFAULT_LIMIT : undefined));
    }
  }
  return {
    name: 'deactivation',
    title: `A deactivation while ${whole(WAITING)} creations wait`,
    setting: [
      `From before the push is sent until the account is suspended in Coder; ${times} of them, ${PAUSE_MS / 1000} s apart, while at least ${whole(WAITING)}`,
      `creations wait. Without a limit Coder takes ${SLOW_CREATION_MS} ms for each creation, or none would wait.`,
    ],
    tables: [{ columns: ['engine', "Coder's limit", 'waiting, least', 'median', 'longest', 'aim'], rows }],
  };
}
