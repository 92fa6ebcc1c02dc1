import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { postgresAvailable, startPostgres } from '../../test/support/postgres.js';
import { redisAvailable, startRedis } from '../../test/support/redis.js';
import { startChild } from './children.js';
import { Idp } from './idp.js';

export const TOKENS = {
  scim: 'scim-token-of-the-benchmark-012345',
  admin: 'admin-token-of-the-benchmark-012345',
};

/** What every bridge of the benchmark is started with. */
export const ENV = {
  PORT: '0',
  HOST: '127.0.0.1',
  SCIM_TOKEN: TOKENS.scim,
  ADMIN_TOKEN: TOKENS.admin,
  // No full sync comes between, and nothing is held.
  FULL_SYNC_CRON: '0 0 1 1 *',
  SAFETY_BUDGET: 'off',
  // One identity provider sends all it can.
  SCIM_RATE_LIMIT: '-1',
};

/** What the bridge keeps its data and its queue in. */
export type EngineName = 'embedded' | 'PostgreSQL' | 'PostgreSQL + Redis';

/** Those that can be had here. */
export function engines(): EngineName[] {
  const postgres = postgresAvailable();
  return [
    'embedded',
    ...(postgres ? (['PostgreSQL'] as const) : []),
    ...(postgres && redisAvailable() ? (['PostgreSQL + Redis'] as const) : []),
  ];
}

/** A bridge with all its roles in a process of its own, an identity provider, and a simulated Coder, both in this one. */
export interface Scene {
  /** Where the bridge listens. */
  readonly url: string;
  readonly idp: Idp;
  readonly simulator: Simulator;
  /** Waits until everything that was pushed is in Coder. */
  readonly settled: () => Promise<void>;
  /** Of the bridge's process. */
  readonly pid: number;
}

/**
 * Plays a scene on a fresh bridge, and removes it.
 *
 * @param rateLimit Coder's requests per minute and path; none: no limit
 * @param more environment variables of the bridge, over the usual ones
 */
export async function withBridge<T>(
  engine: EngineName,
  play: (scene: Scene) => Promise<T>,
  rateLimit?: number,
  more: Readonly<Record<string, string>> = {},
): Promise<T> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'idp-bridge-bench-'));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    const simulator = await startSimulator(rateLimit === undefined ? {} : { rateLimit });
    closers.push(() => simulator.close());
    const env: Record<string, string> = {
      ...ENV,
      DATA_DIR: dataDir,
      CODER_URL: simulator.url,
      CODER_SESSION_TOKEN: simulator.token,
      CODER_RATE_LIMIT: `${rateLimit ?? -1}`,
      ...more,
    };
    if (engine !== 'embedded') {
      const postgres = await startPostgres();
      closers.push(() => postgres.stop());
      env['DATABASE_URL'] = postgres.url;
    }
    if (engine === 'PostgreSQL + Redis') {
      const redis = await startRedis(['--appendfsync', 'everysec']);
      closers.push(() => redis.remove());
      env['REDIS_URL'] = redis.url;
    }
    const child = await startChild('bridge-program', { env });
    closers.push(() => child.stop());
    const idp = new Idp(child.url, TOKENS);
    closers.push(() => idp.close());
    return await play({ url: child.url, idp, simulator, settled: () => settled(idp), pid: child.pid });
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

const PATIENCE_MS = 3_600_000;

async function settled(idp: Idp): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while ((await idp.dirty()) > 0) {
    if (Date.now() > deadline) throw new Error('the bridge does not settle');
    await sleep(50);
  }
}
