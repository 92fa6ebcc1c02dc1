import { postgresAvailable, startPostgres } from '../../test/support/postgres.js';
import { redisAvailable, startRedis } from '../../test/support/redis.js';
import { TOKENS } from '../support/bridge.js';
import { startChild } from '../support/children.js';
import type { Child } from '../support/children.js';
import { afterPushes, clean, closeSide, openSide, steady } from '../support/databases.js';
import type { Side } from '../support/databases.js';
import { median, spread, whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { load } from '../support/load.js';
import type { Prepared } from '../support/load.js';
import { creations, lookups, reads } from './requests.js';
import type { ScimOptions } from './scim.js';

const SIZE = 10_000;
const WARM_UP_SECONDS = 5;
const FASTEST = 16_000;

type Server = 'bridge' | 'floor' | 'scimmy';

interface Scene {
  readonly side: Side;
  readonly scimmy: Child & { readonly users: readonly string[] };
}

interface Operation {
  readonly name: string;
  readonly status: number;
  readonly again: boolean;
  readonly requests: (users: readonly string[], count: number) => Prepared[];
}

const OPERATIONS: readonly Operation[] = [
  { name: 'POST /Users', status: 201, again: false, requests: (_, count) => creations(count) },
  { name: 'GET /Users/{id}', status: 200, again: true, requests: (users) => reads(users) },
  { name: 'GET /Users?filter=userName eq', status: 200, again: true, requests: () => lookups(SIZE) },
];

/** The bridge beside scimmy-routers, a library for SCIM servers, and beside the floor. */
export async function peer({ rounds, seconds }: ScimOptions): Promise<Section | null> {
  if (!postgresAvailable()) return null;
  const postgres = await startPostgres([]);
  const redis = redisAvailable() ? await startRedis(['--appendfsync', 'everysec']) : undefined;
  await steady(postgres);
  const side = await openSide(postgres, `${whole(SIZE)} users`, SIZE, {
    redisUrl: redis && `${redis.url}/0`,
    profile: undefined,
  });
  try {
    const results = new Map<string, number[]>();
    for (const operation of OPERATIONS) await play(operation, 0, side, WARM_UP_SECONDS, new Map());
    for (let round = 0; round < rounds; round++) {
      for (const operation of OPERATIONS) await play(operation, round, side, seconds, results);
    }
    return section(rounds, seconds, results);
  } finally {
    await closeSide(side);
    await redis?.remove();
    await postgres.stop();
  }
}

/** A new scimmy each time: it forgets what was created. */
async function play(
  operation: Operation,
  round: number,
  side: Side,
  seconds: number,
  results: Map<string, number[]>,
): Promise<void> {
  const child = await startChild('scimmy-program', { args: [TOKENS.scim, `${SIZE}`] });
  const scene: Scene = { side, scimmy: { ...child, users: child.told['users'] as string[] } };
  const servers: Server[] = ['floor', 'bridge', 'scimmy'];
  const ordered = servers.map((_, i) => servers[(i + round) % servers.length] ?? 'floor');
  for (const server of ordered) {
    // scimmy-routers compiles as it warms up, like the others did before.
    if (server === 'scimmy') await run(operation, server, scene, 2);
    const perSecond = await run(operation, server, scene, seconds);
    const key = `${operation.name} ${server}`;
    results.set(key, [...(results.get(key) ?? []), perSecond]);
  }
  await child.stop();
  await clean(side);
}

async function run(operation: Operation, server: Server, scene: Scene, seconds: number): Promise<number> {
  const { side, scimmy } = scene;
  const users = server === 'scimmy' ? scimmy.users : side.users;
  const { status, again } = operation;
  // A push is measured against the floor that stores as much.
  const floor = again ? side.floor : side.equivalent;
  const { url } = { bridge: side.bridge, floor, scimmy }[server];
  const { perSecond } = await load(url, operation.requests(users, seconds * FASTEST), {
    status,
    again,
    ms: seconds * 1000,
  });
  if (server === 'bridge' && !again) await afterPushes();
  return perSecond;
}

function section(rounds: number, seconds: number, results: ReadonlyMap<string, number[]>): Section {
  const ratios = (a: readonly number[], b: readonly number[]): number[] =>
    a.map((value, i) => value / (b[i] ?? NaN));
  return {
    name: 'peer',
    title: 'Beside scimmy-routers',
    setting: [
      `${whole(SIZE)} users. The bridge keeps them in PostgreSQL, with journal and queue; scimmy-routers (Express) keeps them in memory, found by`,
      'id in a Map and searched by its own filter; the floor is that of the suite scim, of POST the one that stores as much. The same',
      'bytes over 20 connections,',
      `${rounds} rounds of ${seconds} s, in turn; ratios are taken within each round.`,
    ],
    tables: [
      {
        columns: [
          'operation',
          'scimmy/s',
          'floor/s',
          'bridge/s',
          'bridge / scimmy',
          'lowest to highest',
          'bridge / floor',
        ],
        rows: OPERATIONS.map(({ name }) => {
          const [scimmy = [], floor = [], bridge = []] = ['scimmy', 'floor', 'bridge'].map((server) =>
            results.get(`${name} ${server}`),
          );
          const beside = ratios(bridge, scimmy);
          return [
            name,
            whole(median(scimmy)),
            whole(median(floor)),
            whole(median(bridge)),
            median(beside).toFixed(1),
            spread(beside, 1),
            median(ratios(bridge, floor)).toFixed(2),
          ];
        }),
      },
    ],
  };
}
