import { setTimeout as sleep } from 'node:timers/promises';

import { engines, withBridge } from '../support/bridge.js';
import type { EngineName, Scene } from '../support/bridge.js';
import type { Section } from '../support/figures.js';
import { each } from '../support/idp.js';
import { addMembers, groupBody, userBody } from '../support/people.js';

const COUNT = 300;
/** Entra's limit for SCIM. */
const PER_SECOND = 25;

type Push = (user: string) => Promise<void>;

async function allAtOnce(users: readonly string[], push: Push): Promise<void> {
  await Promise.all(users.map(push));
}

async function steadily(users: readonly string[], push: Push): Promise<void> {
  const started = Date.now();
  const pushes: Promise<void>[] = [];
  for (const [n, user] of users.entries()) {
    await sleep(Math.max(0, started + (n * 1000) / PER_SECOND - Date.now()));
    pushes.push(push(user));
  }
  await Promise.all(pushes);
}

const PACES = [
  ['all at once', allAtOnce],
  [`${PER_SECOND} a second`, steadily],
] as const;

async function measure(scene: Scene, engine: EngineName, users: readonly string[]): Promise<string[][]> {
  const { idp, simulator, settled } = scene;
  const rows: string[][] = [];
  for (const [pace, play] of PACES) {
    const group = await idp.create('Groups', groupBody(`Group ${pace}`, []));
    await settled();
    simulator.calls.reset();
    const started = Date.now();
    await play(users, (user) => idp.patch('Groups', group, addMembers(user)));
    const pushed = Date.now() - started;
    await settled();
    const calls = simulator.calls.mutations();
    const last = Math.max(...calls.map((call) => call.at)) - started;
    const times = [pushed, last].map((ms) => `${(ms / 1000).toFixed(1)} s`);
    rows.push([engine, pace, `${calls.length}`, ...times, 'at most 10']);
  }
  return rows;
}

export async function patches(): Promise<Section> {
  const rows: string[][] = [];
  for (const engine of engines()) {
    const measured = await withBridge(engine, async (scene) => {
      const users: string[] = [];
      await each(Array.from({ length: COUNT }), async (_, n) => {
        users[n] = await scene.idp.create('Users', userBody(`person-${n}`));
      });
      await scene.settled();
      return measure(scene, engine, users);
    });
    rows.push(...measured);
  }
  return {
    name: 'patches',
    title: `${COUNT} single-member PATCHes on one group`,
    setting: [
      'Each adds another user, who is in Coder already, to the same group. Counted is every mutation of Coder.',
    ],
    tables: [{ columns: ['engine', 'pace', 'PATCHes on Coder', 'pushed', 'last effect', 'aim'], rows }],
  };
}
