import type { Simulator } from '../../src/simulator/index.js';
import { engines, withBridge } from '../support/bridge.js';
import type { EngineName, Scene } from '../support/bridge.js';
import { whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { each } from '../support/idp.js';
import { addMembers, groupBody, userBody } from '../support/people.js';

const USERS = 1_000;
const GROUPS = 50;
/** Coder takes so many additions in one PATCH. */
const CHUNK = 100;

/** Users by number in each group: all are in the first one, and each is in one of the others. */
const MEMBERS = Array.from({ length: GROUPS }, (_, group) =>
  Array.from({ length: USERS }, (__, user) => user).filter(
    (user) => group === 0 || 1 + (user % (GROUPS - 1)) === group,
  ),
);
const MINIMUM = USERS + GROUPS + MEMBERS.reduce((sum, members) => sum + Math.ceil(members.length / CHUNK), 0);

const body = (user: number) => userBody(`person-${user}`);

interface Pushed {
  readonly users: string[];
  readonly groups: string[];
}

/** Users first, then groups with all their members: Okta's and Entra's first import. */
async function usersFirst({ idp }: Scene): Promise<Pushed> {
  const pushed: Pushed = { users: [], groups: [] };
  await each(MEMBERS[0]!, async (user) => {
    pushed.users[user] = await idp.create('Users', body(user));
  });
  await each(MEMBERS, async (members, group) => {
    const ids = members.map((user) => pushed.users[user]!);
    pushed.groups[group] = await idp.create('Groups', groupBody(`Group ${group}`, ids));
  });
  return pushed;
}

/** Empty groups, then each user followed by the memberships, one PATCH each. */
async function interleaved({ idp }: Scene): Promise<Pushed> {
  const pushed: Pushed = { users: [], groups: [] };
  await each(MEMBERS, async (_, group) => {
    pushed.groups[group] = await idp.create('Groups', groupBody(`Group ${group}`, []));
  });
  await each(MEMBERS[0]!, async (user) => {
    const id = await idp.create('Users', body(user));
    pushed.users[user] = id;
    for (const group of [0, 1 + (user % (GROUPS - 1))]) {
      await idp.patch('Groups', pushed.groups[group]!, addMembers(id));
    }
  });
  return pushed;
}

/** Says all of it again: each user looked up and replaced, each group replaced, each member added; then a full sync. */
async function replay({ idp, settled }: Scene, { users, groups }: Pushed): Promise<void> {
  await each(users, async (id, user) => {
    await idp.find(body(user).userName);
    await idp.replace('Users', id, body(user));
    await idp.patch('Groups', groups[0]!, addMembers(id));
  });
  await each(groups, async (id, group) => {
    const ids = MEMBERS[group]!.map((user) => users[user]!);
    await idp.replace('Groups', id, groupBody(`Group ${group}`, ids));
  });
  await settled();
  await idp.fullSync();
  await settled();
}

const ORDERS = [
  ['users, then groups', usersFirst],
  ['interleaved', interleaved],
] as const;

async function measure(engine: EngineName, order: (typeof ORDERS)[number]): Promise<string[]> {
  return withBridge(engine, async (scene) => {
    const { simulator, settled } = scene;
    simulator.calls.reset();
    const started = Date.now();
    const pushed = await order[1](scene);
    const pushedAt = Date.now();
    await settled();
    const lastEffect = Math.max(...simulator.calls.mutations().map((call) => call.at));
    const mutations = simulator.calls.countMutations();
    const reads = simulator.calls.count() - mutations;
    assertComplete(simulator);
    simulator.calls.reset();
    await replay(scene, pushed);
    return [
      engine,
      order[0],
      whole(mutations),
      (mutations / MINIMUM).toFixed(2),
      (reads / USERS).toFixed(2),
      `${((pushedAt - started) / 1000).toFixed(1)} s`,
      `${((lastEffect - started) / 1000).toFixed(1)} s`,
      whole(simulator.calls.countMutations()),
    ];
  });
}

/** A benchmark of something that does not work would say nothing. */
function assertComplete({ state }: Simulator): void {
  const sizes = [...state.groups.values()].map((group) => state.usersIn(group).length);
  const expected = MEMBERS.map((members) => members.length);
  for (const size of expected) {
    const at = sizes.indexOf(size);
    if (at < 0) throw new Error(`no group of ${size} members: ${sizes.join(' ')}`);
    sizes.splice(at, 1);
  }
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
      `One group holds everybody, each user is in one of the other ${GROUPS - 1}. The least that Coder can be asked is ${whole(MINIMUM)} mutations:`,
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
