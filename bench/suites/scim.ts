import { postgresAvailable, startPostgres } from '../../test/support/postgres.js';
import { redisAvailable, startRedis } from '../../test/support/redis.js';
import { TOKENS } from '../support/bridge.js';
import { afterPushes, clean, closeSide, openSide, steady } from '../support/databases.js';
import type { Side } from '../support/databases.js';
import { median, spread, whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { load, prepare } from '../support/load.js';
import type { Prepared } from '../support/load.js';
import { addMembers } from '../support/people.js';
import { creations, lookups, reads, scattered } from './requests.js';

export interface ScimOptions {
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  /** Folder for CPU profiles of the bridges. */
  readonly profile?: string | undefined;
}

const SIZES = [1_000, 100_000] as const;
const WARM_UP_SECONDS = 8;
/** More requests a second than any server here answers: so many are prepared for pushes, as no push is sent twice. */
const FASTEST = 16_000;
interface Operation {
  readonly name: string;
  readonly aim: number;
  readonly status: number;
  readonly again: boolean;
  /** Of pushes: measured against the floor that stores as much, too. */
  readonly push?: boolean;
  readonly requests: (side: Side, count: number) => Prepared[];
}

const OPERATIONS: readonly Operation[] = [
  {
    name: 'POST /Users',
    aim: 0.4,
    status: 201,
    again: false,
    push: true,
    requests: (_, count) => creations(count),
  },
  { name: 'GET /Users/{id}', aim: 0.6, status: 200, again: true, requests: ({ users }) => reads(users) },
  {
    name: 'GET /Users?filter=userName eq',
    aim: 0.6,
    status: 200,
    again: true,
    requests: ({ users }) => lookups(users.length),
  },
  {
    name: 'PATCH /Groups/{id} add one',
    aim: 0.4,
    status: 204,
    again: false,
    push: true,
    requests: additions,
  },
];

/** Each adds a user to a group that the user is not in: users in turn, and for each turn the next group. */
function additions({ users, groups }: Side, count: number): Prepared[] {
  return Array.from({ length: Math.min(count, users.length * (groups.length - 2)) }, (_, n) => {
    const user = scattered(n, users.length);
    // A user's own group is the one at its number or the next one.
    const group = (user + 2 + Math.floor(n / users.length)) % groups.length;
    return prepare('PATCH', `/scim/v2/Groups/${groups[group]}`, TOKENS.scim, addMembers(users[user]!));
  });
}

/** Requests per second, by operation, size and server, one for each round. */
type Results = Map<string, number[]>;
const key = (operation: Operation, side: Side, server: string): string =>
  `${operation.name} ${side.label} ${server}`;

export async function scim(options: ScimOptions): Promise<Section | null> {
  if (!postgresAvailable()) return null;
  // As PostgreSQL comes: each commit is flushed to the disk.
  const postgres = await startPostgres([]);
  const redis = redisAvailable() ? await startRedis(['--appendfsync', 'everysec']) : undefined;
  const sides: Side[] = [];
  try {
    await steady(postgres);
    const { profile } = options;
    for (const size of SIZES) {
      sides.push(
        await openSide(postgres, `${whole(size)} users`, size, {
          redisUrl: redis && `${redis.url}/${sides.length}`,
          profile,
        }),
      );
    }
    const results: Results = new Map();
    // Servers that have just started run code that is not compiled yet.
    for (const operation of OPERATIONS) {
      await play(operation, 0, sides, WARM_UP_SECONDS, new Map());
      for (const side of sides) await clean(side);
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const operation of OPERATIONS) {
        await play(operation, round, sides, options.seconds, results);
        for (const side of sides) await clean(side);
      }
    }
    return section(options, sides, results, redis === undefined ? 'PostgreSQL' : 'Redis');
  } finally {
    for (const side of sides) await closeSide(side);
    await redis?.remove();
    await postgres.stop();
  }
}

/** Measures the floor and the bridge on each database, one after the other, in another order each round. */
async function play(
  { requests, status, again, ...operation }: Operation,
  round: number,
  sides: readonly Side[],
  seconds: number,
  results: Results,
): Promise<void> {
  const turns = sides.flatMap((side) => [
    { side, server: 'floor', url: side.floor.url },
    { side, server: 'bridge', url: side.bridge.url },
    ...(operation.push ? [{ side, server: 'equivalent', url: side.equivalent.url }] : []),
  ]);
  const ordered = turns.map((_, i) => turns[(i + round) % turns.length]!);
  for (const { side, server, url } of round % 2 === 0 ? ordered : ordered.toReversed()) {
    // Both floors keep their rows in the same tables.
    if (operation.push) await clean(side);
    const prepared = requests(side, seconds * FASTEST);
    const { perSecond } = await load(url, prepared, { status, again, ms: seconds * 1000 });
    if (operation.push && server === 'bridge') await afterPushes();
    const name = key({ ...operation, requests, status, again }, side, server);
    results.set(name, [...(results.get(name) ?? []), perSecond]);
  }
}

const BARE = ', bare row';

/** Floors of an operation: of a push the equivalent one, and the one that stores the bare row. */
function floorsOf({ push }: Operation): { readonly server: string; readonly note: string }[] {
  return push
    ? [
        { server: 'equivalent', note: '' },
        { server: 'floor', note: BARE },
      ]
    : [{ server: 'floor', note: '' }];
}

function section(
  { rounds, seconds }: ScimOptions,
  sides: readonly Side[],
  results: Results,
  queue: string,
): Section {
  const of = (operation: Operation, side: Side, server: string): number[] =>
    results.get(key(operation, side, server)) ?? [];
  const ratios = (a: readonly number[], b: readonly number[]): number[] =>
    a.map((value, i) => value / (b[i] ?? NaN));
  const [small, large] = sides;
  return {
    name: 'scim',
    title: 'SCIM requests per second',
    setting: [
      `The bridge (role api, queue on ${queue}) against the floor: a bare Fastify and node-postgres that does one prepared`,
      'statement, on the same PostgreSQL, sent the same bytes over 20 connections; pools of 10 each, commits flushed.',
      `${rounds} rounds of ${seconds} s for each figure, after ${WARM_UP_SECONDS} s to warm up; floor and bridge take turns, ratios are taken within`,
      'each round. The load comes from a third process; all share this machine with PostgreSQL. A push of the floor stores what one of the',
      'bridge does: the row, the mark of pending work and the journal; `bare row`: the row alone.',
    ],
    tables: [
      {
        columns: ['operation', 'database', 'floor/s', 'bridge/s', 'ratio', 'lowest to highest', 'aim'],
        rows: OPERATIONS.flatMap((operation) =>
          floorsOf(operation).flatMap(({ server, note }) =>
            sides.map((side) => {
              const [floor, bridge] = [of(operation, side, server), of(operation, side, 'bridge')];
              const within = ratios(bridge, floor);
              return [
                operation.name + note,
                side.label,
                whole(median(floor)),
                whole(median(bridge)),
                median(within).toFixed(2),
                spread(within),
                note === BARE ? '' : `at least ${operation.aim}`,
              ];
            }),
          ),
        ),
      },
      ...(small && large
        ? [
            {
              columns: [
                'operation',
                'bridge at 100,000 / at 1,000',
                'lowest to highest',
                'floor likewise',
                'aim',
              ],
              rows: OPERATIONS.map((operation) => {
                const bridge = ratios(of(operation, large, 'bridge'), of(operation, small, 'bridge'));
                const floor = ratios(of(operation, large, 'floor'), of(operation, small, 'floor'));
                const cells = [median(bridge).toFixed(2), spread(bridge), median(floor).toFixed(2)];
                return [operation.name, ...cells, 'at least 0.80'];
              }),
            },
          ]
        : []),
    ],
  };
}
