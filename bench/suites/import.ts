import { engines, withBridge } from '../support/bridge.js';
import type { EngineName } from '../support/bridge.js';
import { whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { Staff } from '../support/staff.js';

const USERS = 1_000;
const GROUPS = 50;
const ORDERS = [
  ['users, then groups', 'usersFirst'],
  ['interleaved', 'interleaved'],
] as const;

async function measure(engine: EngineName, order: (typeof ORDERS)[number]): Promise<string[]> {
  return withBridge(engine, async (scene) => {
    const { simulator, settled } = scene;
    simulator.calls.reset();
    const staff = new Staff(USERS, GROUPS);
    const started = Date.now();
    const pushed = await staff[order[1]](scene);
    const pushedAt = Date.now();
    await settled();
    const lastEffect = Math.max(...simulator.calls.mutations().map((call) => call.at));
    const mutations = simulator.calls.countMutations();
    const reads = simulator.calls.count() - mutations;
    staff.assertComplete(simulator);
    simulator.calls.reset();
    await staff.replay(scene, pushed);
    return [
      engine,
      order[0],
      whole(mutations),
      (mutations / staff.minimum).toFixed(2),
      (reads / USERS).toFixed(2),
      `${((pushedAt - started) / 1000).toFixed(1)} s`,
      `${((lastEffect - started) / 1000).toFixed(1)} s`,
      whole(simulator.calls.countMutations()),
    ];
  });
}

export async function importing(): Promise<Section> {
  const rows: string[][] = [];
  for (const engine of engines()) {
    for (const order of ORDERS) rows.push(await measure(engine, order));
  }
  return {
    name: 'import',
    title: `Import of ${whole(USERS)} users in ${GROUPS} groups`,
    setting: [
      `One group holds everybody, each user is in one of the other ${GROUPS - 1}. The least that Coder can be asked is ${whole(new Staff(USERS, GROUPS).minimum)} mutations:`,
      'one for each user, one for each group, one for each 100 members begun. Ten requests at once; Coder simulated, without a',
      'rate limit. The replay pushes everything again (lookup, PUT, PATCH add) and runs a full sync.',
      'Aims: mutations at most 1.10 of the least; at most 1.00 reads a user; a replay changes nothing (0).',
    ],
    tables: [
      {
        columns: [
          'engine',
          'order',
          'mutations',
          'of the least',
          'reads a user',
          'pushed',
          'last effect',
          'replay',
        ],
        rows,
      },
    ],
  };
}
