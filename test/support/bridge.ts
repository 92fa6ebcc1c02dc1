import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect } from 'vitest';

import { startBridge } from '../../src/bootstrap/index.js';
import type { RunningBridge, Tuning } from '../../src/bootstrap/index.js';
import { loadConfig } from '../../src/config/index.js';
import { openEngine } from '../../src/database/index.js';
import type { Database } from '../../src/database/index.js';
import type { Simulator } from '../../src/simulator/index.js';
import { silentLog } from '../../src/telemetry/index.js';
import type { Log } from '../../src/telemetry/index.js';
import { ADMIN_TOKEN, AdminClient, SCIM_TOKEN, ScimClient } from './clients.js';
import type { TargetCounts } from './clients.js';
import { memoryEngine, quiet } from './database.js';

export * from './clients.js';

/** How a test wants its bridge. */
export interface TestBridgeOptions {
  /** Environment variables over the tests' own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its data lies, to be started again with it; none: in memory, and gone at the end. */
  readonly dataDir?: string;
  readonly log?: Log;
  /** Over the tests' own, whose waits between tries are short. */
  readonly tuning?: Omit<Tuning, 'engine'>;
}

/** A whole bridge in this process, with its simulated Coder. */
export interface TestBridge {
  readonly bridge: RunningBridge;
  readonly scim: ScimClient;
  readonly admin: AdminClient;
  readonly simulator: Simulator;
  /** The bridge's own, to look at or to spoil. */
  readonly database: Database;
  /** Waits until nothing is left to be done; what failed or is held does not count. Answers the counts. */
  untilSettled(): Promise<TargetCounts>;
  /** Ends it; the data is removed unless its folder was given. */
  close(): Promise<void>;
}

const ENV = {
  PORT: '0',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'silent',
  SCIM_TOKEN,
  ADMIN_TOKEN,
  CODER_RATE_LIMIT: '-1',
  SCIM_RATE_LIMIT: '-1',
  SAFETY_BUDGET: 'off',
  // Once a year, so that nothing comes between.
  FULL_SYNC_CRON: '0 0 1 1 *',
  IDP_SYNC_CRON: '0 0 1 1 *',
};

/** Short enough for tests; the usual ones are 1 s to 60 s. */
export const SHORT_BACKOFF = { baseMs: 20, capMs: 200 };

/** Starts a bridge on the embedded engine; without a rate limit and without a safety budget, unless `env` says otherwise. */
export async function startTestBridge(options: TestBridgeOptions = {}): Promise<TestBridge> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'bridge-test-')));
  const config = loadConfig({ ...ENV, DATA_DIR: dataDir, ...options.env });
  const engine =
    options.dataDir === undefined
      ? await memoryEngine()
      : await openEngine({ engine: 'pglite', dataDir }, { log: quiet });
  const tuning: Tuning = { backoff: SHORT_BACKOFF, ...options.tuning, engine };
  const bridge = await startBridge(config, options.log ?? silentLog, tuning);
  const { simulator } = bridge;
  if (!simulator) throw new Error('the bridge was started without a simulator');
  const url = bridge.url.replace('localhost', '127.0.0.1');
  const admin = new AdminClient(url);
  return {
    bridge,
    scim: new ScimClient(url),
    admin,
    simulator,
    database: engine.database,
    untilSettled: () => untilSettled(admin),
    close: async () => {
      await bridge.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** One bridge for all tests of a file or a `describe`. */
export function useBridge(options: TestBridgeOptions = {}): TestBridge {
  let started: TestBridge | undefined;
  beforeAll(async () => {
    started = await startTestBridge(options);
  });
  afterAll(() => started?.close());
  return forwardingTo(() => started);
}

/** A bridge that tests may name before it is started. @throws when it is used before */
export function forwardingTo(find: () => TestBridge | undefined): TestBridge {
  const present = (): TestBridge => {
    const started = find();
    if (!started) throw new Error('the bridge is not started yet');
    return started;
  };
  return {
    get bridge() {
      return present().bridge;
    },
    get scim() {
      return present().scim;
    },
    get admin() {
      return present().admin;
    },
    get simulator() {
      return present().simulator;
    },
    get database() {
      return present().database;
    },
    untilSettled: () => present().untilSettled(),
    close: () => present().close(),
  };
}

/** Far beyond what anything takes, even on a busy machine. */
const PATIENCE_MS = 50_000;

async function untilSettled(admin: AdminClient): Promise<TargetCounts> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const counts = await admin.targets();
    if (counts.dirty === 0) return counts;
    if (Date.now() > deadline) expect.fail(`still dirty: ${JSON.stringify(counts)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
