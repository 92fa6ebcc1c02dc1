import { readFile } from 'node:fs/promises';

import type { Simulator } from '../../src/simulator/index.js';
import { engines, withBridge } from '../support/bridge.js';
import type { Scene } from '../support/bridge.js';
import { whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { addMembers, deactivate, groupBody, userBody } from '../support/people.js';
import { Staff } from '../support/staff.js';
import type { Pushed } from '../support/staff.js';

/** Users and groups. */
const SIZES = [
  [1_000, 50],
  [10_000, 500],
] as const;
/** Single changes of each kind. */
const CHANGES = 100;
const MB = 2 ** 20;

interface Counted {
  readonly mutations: number;
  readonly reads: number;
}

function counted({ calls }: Simulator): Counted {
  const mutations = calls.countMutations();
  return { mutations, reads: calls.count() - mutations };
}

const row = (
  scenario: string,
  users: number,
  necessary: number,
  { mutations, reads }: Counted,
  of: number,
) => [
  scenario,
  whole(users),
  whole(mutations),
  whole(necessary),
  necessary === 0 ? '' : (mutations / necessary).toFixed(2),
  (reads / of).toFixed(2),
];

/** The largest size that a process has had, megabytes. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024) / MB;
}

interface Measured {
  readonly calls: string[][];
  readonly pace: string[][];
}

async function imports(order: 'usersFirst' | 'interleaved', [users, groups]: (typeof SIZES)[number]) {
  const engine = engines().at(-1) ?? 'embedded';
  const name = order === 'usersFirst' ? 'import: users, then groups' : 'import: each user, then its groups';
  return withBridge(engine, async (scene): Promise<Measured> => {
    const { simulator, settled, pid } = scene;
    const staff = new Staff(users, groups);
    simulator.calls.reset();
    const started = Date.now();
    const pushed = await staff[order](scene);
    await settled();
    const seconds = (Math.max(...simulator.calls.mutations().map(({ at }) => at)) - started) / 1000;
    staff.assertComplete(simulator);
    const calls = [row(name, users, staff.minimum, counted(simulator), users)];
    const pace = [
      [
        name,
        engine,
        whole(users),
        whole(users / seconds),
        `${(staff.longestWait(simulator) / 1000).toFixed(1)} s`,
        `${whole(await peakMemory(pid))} MB`,
      ],
    ];
    if (order === 'usersFirst') {
      simulator.calls.reset();
      await staff.replay(scene, pushed);
      calls.push(row('everything once more, and a full sync', users, 0, counted(simulator), users));
      calls.push(...(await singleChanges(scene, pushed, users)));
    }
    return { calls, pace };
  });
}

/** One change after the other, each settled before the next. */
async function singleChanges(scene: Scene, { users }: Pushed, size: number): Promise<string[][]> {
  const { idp, simulator, settled } = scene;
  const group = await idp.create('Groups', groupBody('Newcomers', []));
  const rows: string[][] = [];
  const kinds: readonly (readonly [string, (n: number) => Promise<unknown>])[] = [
    ['a new user', (n) => idp.create('Users', userBody(`newcomer-${n}`))],
    [
      'another name',
      (n) => idp.replace('Users', users[n]!, { ...userBody(`person-${n}`), name: { formatted: `New ${n}` } }),
    ],
    ['one joins a group', (n) => idp.patch('Groups', group, addMembers(users[n]!))],
    ['one leaves', (n) => idp.patch('Users', users[n]!, deactivate())],
  ];
  await settled();
  for (const [name, change] of kinds) {
    simulator.calls.reset();
    for (let n = 0; n < CHANGES; n += 1) {
      await change(n);
      await settled();
    }
    rows.push(row(`${CHANGES} times: ${name}`, size, CHANGES, counted(simulator), CHANGES));
  }
  return rows;
}

export async function economy(): Promise<Section> {
  const measured: Measured[] = [];
  for (const size of SIZES) {
    measured.push(await imports('usersFirst', size), await imports('interleaved', size));
  }
  return {
    name: 'economy',
    title: 'Calls of Coder: made, and necessary',
    setting: [
      'Necessary is one creation for each user and each group, one PATCH for each 100 members of a group begun, and one call for',
      'a single change. One group holds everybody, each user is in one of the others. Reads are per user, and per single change;',
      'a person who leaves costs two: their API tokens and their workspaces are looked for. Coder simulated, without a rate limit.',
      'Aims: 1.00 of the necessary; below 0.1 reads a user on imports, none for a single change; below 400 MB.',
    ],
    tables: [
      {
        columns: ['scenario', 'users', 'mutations', 'necessary', 'ratio', 'reads each'],
        rows: measured.flatMap(({ calls }) => calls),
      },
      {
        columns: ['import', 'engine', 'users', 'users/s', 'longest wait of a member', 'peak memory'],
        rows: measured.flatMap(({ pace }) => pace),
      },
    ],
  };
}
