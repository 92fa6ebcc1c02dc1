import { readFile, writeFile } from 'node:fs/promises';
import { postgresAvailable, startPostgres } from '../../test/support/postgres.js';
import { redisAvailable, startRedis } from '../../test/support/redis.js';
import type { Delays } from '../support/children.js';
import { Client } from '../support/client.js';
import { closeSide, openSide, steady } from '../support/databases.js';
import type { Side } from '../support/databases.js';
import { median, spread, whole } from '../support/figures.js';
import type { Section, Table } from '../support/figures.js';
import { addLargeGroups } from '../support/large-groups.js';
import type { LargeGroups } from '../support/large-groups.js';
import { load } from '../support/load.js';
import { addMembers } from '../support/people.js';
import { lookups, reads } from './requests.js';
import type { ScimOptions } from './scim.js';

const SMALL = { users: 1_000, groups: 50, members: 500 };
const LARGE = { users: 100_000, groups: 5_000, members: 50_000 };
const PAGE = 100;
/** Pages that are walked through: all of the small database. */
const PAGES = SMALL.users / PAGE;

interface Scene {
  readonly side: Side;
  readonly client: Client;
  readonly groups: LargeGroups;
}

/** What a size costs: 100,000 users and 5,000 groups, one of them of 50,000. */
export async function size({ rounds, seconds }: ScimOptions): Promise<Section | null> {
  if (!postgresAvailable()) return null;
  const postgres = await startPostgres([]);
  const redis = redisAvailable() ? await startRedis(['--appendfsync', 'everysec']) : undefined;
  await steady(postgres);
  const scenes: Scene[] = [];
  try {
    for (const [n, of] of [SMALL, LARGE].entries()) {
      const options = { redisUrl: redis && `${redis.url}/${n}`, profile: undefined };
      const side = await openSide(postgres, `${whole(of.users)} users`, of.users, options);
      const groups = await addLargeGroups(side, of.groups, of.members);
      scenes.push({ side, client: new Client(side.bridge.url), groups });
    }
    const [small, large] = scenes;
    if (!small || !large) throw new Error('two sizes are compared');
    const tables = [
      await reading(small, large, rounds, seconds),
      await joining(large, rounds),
      await largeGroup(large, rounds),
      await delays(large),
    ];
    return {
      name: 'size',
      title: 'What size costs',
      setting: [
        `PostgreSQL with ${whole(LARGE.users)} users and ${whole(LARGE.groups)} groups, one of them with ${whole(LARGE.members)} members, beside ${whole(SMALL.users)} users and ${SMALL.groups} groups;`,
        `${rounds} rounds, in turn. Requests/s over 20 connections; pages and times one request after the other.`,
      ],
      tables,
    };
  } finally {
    for (const { side, client } of scenes) {
      await client.close();
      await closeSide(side);
    }
    await redis?.remove();
    await postgres.stop();
  }
}

/** Measures the same at both sizes, in turn. */
async function sideBySide(
  rounds: number,
  small: () => Promise<number>,
  large: () => Promise<number>,
): Promise<{ readonly small: number[]; readonly large: number[] }> {
  const results = { small: [] as number[], large: [] as number[] };
  await small();
  await large();
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) results.small.push(await small());
    results.large.push(await large());
    if (round % 2 === 1) results.small.push(await small());
  }
  return results;
}

async function reading(small: Scene, large: Scene, rounds: number, seconds: number): Promise<Table> {
  const perSecond = (scene: Scene, requests: Parameters<typeof load>[1]) => async () =>
    (await load(scene.side.bridge.url, requests, { status: 200, again: true, ms: seconds * 1000 })).perSecond;
  const kinds: [string, (scene: Scene) => () => Promise<number>][] = [
    ['GET /Users/{id}, /s', (scene) => perSecond(scene, reads(scene.side.users))],
    ['userName eq, /s', (scene) => perSecond(scene, lookups(scene.side.users.length))],
    ['cursor pages, /s', (scene) => () => walk(scene, PAGES)],
    ['index pages, which count the total, /s', (scene) => () => indexPages(scene, 1)],
    ['the last index page, /s', (scene) => () => indexPages(scene, scene.side.users.length - PAGE + 1, 1)],
  ];
  const rows: string[][] = [];
  for (const [name, measure] of kinds) {
    const { small: a, large: b } = await sideBySide(rounds, measure(small), measure(large));
    const ratios = b.map((value, i) => value / (a[i] ?? NaN));
    rows.push([name, whole(median(a)), whole(median(b)), median(ratios).toFixed(2), spread(ratios)]);
  }
  rows.push(['totalResults', whole(await total(small)), whole(await total(large)), '', '']);
  return {
    columns: ['reading', small.side.label, large.side.label, 'large / small', 'lowest to highest'],
    rows,
  };
}

interface List {
  readonly totalResults: number;
  readonly nextCursor?: string;
  readonly Resources: readonly unknown[];
}

const listOf = ({ text }: { readonly text: string }): List => JSON.parse(text) as List;

async function total({ client }: Scene): Promise<number> {
  return listOf(await client.get('/Users?count=0')).totalResults;
}

/** Pages per second of a walk by cursors, after its first page: that one counts the total, which the cursors then carry. */
async function walk({ client }: Scene, pages: number): Promise<number> {
  let cursor = '';
  let ms = 0;
  for (let page = 0; page < pages; page++) {
    const answer = await client.get(`/Users?count=${PAGE}&cursor=${encodeURIComponent(cursor)}`);
    if (page > 0) ms += answer.ms;
    const { nextCursor, Resources } = listOf(answer);
    if (Resources.length !== PAGE) throw new Error(`a page of ${Resources.length}`);
    cursor = nextCursor ?? '';
  }
  return ((pages - 1) * 1000) / ms;
}

async function indexPages({ client }: Scene, first: number, pages = PAGES): Promise<number> {
  let ms = 0;
  for (let page = 0; page < pages; page++) {
    const answer = await client.get(`/Users?count=${PAGE}&startIndex=${first + page * PAGE}`);
    ms += answer.ms;
    if (listOf(answer).Resources.length !== PAGE) throw new Error('a page that is not full');
  }
  return (pages * 1000) / ms;
}

/** Adds people to a group of ten and to the large one, one after the other. */
async function joining(large: Scene, rounds: number): Promise<Table> {
  const { side, client, groups } = large;
  let next = LARGE.members;
  const join = (group: string) => async (): Promise<number> => {
    const times: number[] = [];
    for (let n = 0; n < 50; n++) {
      const { ms } = await client.patch(`/Groups/${group}`, addMembers(side.users[next++] ?? ''));
      times.push(ms);
    }
    return median(times);
  };
  const { small: ten, large: many } = await sideBySide(rounds, join(groups.ten), join(groups.large));
  const ratios = many.map((value, i) => value / (ten[i] ?? NaN));
  return {
    columns: [
      'one member joins',
      'group of ten',
      `group of ${whole(LARGE.members)}`,
      'large / ten',
      'lowest to highest',
    ],
    rows: [
      [
        'PATCH, ms',
        median(ten).toFixed(2),
        median(many).toFixed(2),
        median(ratios).toFixed(2),
        spread(ratios),
      ],
    ],
  };
}

/** Reads the large group whole, and without its members. */
async function largeGroup({ side, client, groups }: Scene, rounds: number): Promise<Table> {
  const path = `/Groups/${groups.large}`;
  await resetPeak(side.bridge.pid);
  const times: number[] = [];
  const without: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const answer = await client.get(path);
    bytes = Buffer.byteLength(answer.text);
    times.push(answer.ms);
    without.push((await client.get(`${path}?excludedAttributes=members`)).ms);
  }
  return {
    columns: [`group of ${whole(groups.members)}`, 'ms', 'size', 'peak memory of the bridge'],
    rows: [
      [
        'GET',
        whole(median(times)),
        `${(bytes / 1e6).toFixed(1)} MB`,
        `${whole(await peak(side.bridge.pid))} MB`,
      ],
      ['GET, excludedAttributes=members', median(without).toFixed(1), '', ''],
    ],
  };
}

/** Forgets the highest resident size so far (Linux). */
async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** The highest resident size since, MB. */
async function peak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes = 'NaN'] = /VmHWM:\s+(\d+) kB/.exec(status) ?? [];
  return Number(kilobytes) / 1024;
}

/** How long the event loop is held up while everything happens at once, and while nothing does. */
async function delays(scene: Scene): Promise<Table> {
  const { side } = scene;
  const measured = async (work: () => Promise<unknown>): Promise<Delays> => {
    await side.bridge.ask('measure delays');
    await work();
    return side.bridge.ask<Delays>('delays');
  };
  const SECONDS = 10;
  const idle = await measured(() => new Promise((resolve) => setTimeout(resolve, SECONDS * 1000)));
  const busy = await measured(() => everything(scene, SECONDS));
  const row = (name: string, { p50, p999, max }: Delays): string[] => [
    name,
    ...[p50, p999, max].map((ms) => ms.toFixed(1)),
  ];
  return {
    columns: ['event loop, delay in ms', 'median', 'p99.9', 'longest'],
    rows: [row('idle', idle), row('lookups, pages, the large group read and joined, at once', busy)],
  };
}

async function everything({ side, groups }: Scene, seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1000;
  const again = async (work: (client: Client) => Promise<unknown>): Promise<void> => {
    const client = new Client(side.bridge.url);
    while (performance.now() < until) await work(client);
    await client.close();
  };
  let next = 0;
  await Promise.all([
    load(side.bridge.url, lookups(side.users.length), { status: 200, again: true, ms: seconds * 1000 }),
    again((client) => client.get(`/Groups/${groups.large}`)),
    again((client) => client.get(`/Users?count=${PAGE}&cursor=`)),
    again((client) =>
      client.patch(`/Groups/${groups.large}`, addMembers(side.users[next++ % side.users.length] ?? '')),
    ),
  ]);
}
