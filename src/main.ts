import 'reflect-metadata';

import { startBridge } from './bootstrap/index.js';
import type { RunningBridge } from './bootstrap/index.js';
import { ConfigError, loadConfig, readEnvironment } from './config/index.js';
import type { Config } from './config/index.js';
import {
  DataDirOwned,
  DataDirUnusable,
  DatabaseTooNew,
  DatabaseUnavailable,
  PoolerRefused,
} from './database/index.js';
import { switchableDialects } from './scim/dialects/index.js';
import { createLog } from './telemetry/index.js';

/** After SIGTERM new requests are still taken for so long: a load balancer needs time to see that readiness is gone. */
const DRAIN_MS = 5_000;
/** A second signal, or this long, ends the process whatever is in flight. */
const LAST_RESORT_MS = 29_000;

/** Faults that a person can mend: one line, no stack. */
const PLAIN = [DataDirOwned, DataDirUnusable, DatabaseTooNew, DatabaseUnavailable, PoolerRefused];

async function main(): Promise<void> {
  const config = configuration();
  if (!config) return;
  const log = createLog({ level: config.logLevel, readable: process.stdout.isTTY });
  let bridge: RunningBridge;
  try {
    bridge = await startBridge(config, log);
  } catch (error) {
    fail(error);
    return;
  }
  process.stdout.write(banner(config, bridge));
  let stopping = false;
  const stop = (graceMs: number): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
    void bridge.close(graceMs).then(() => process.exit(0));
  };
  process.on('SIGTERM', () => stop(config.embedded ? 0 : DRAIN_MS));
  process.on('SIGINT', () => stop(0));
}

function configuration(): Config | undefined {
  try {
    return loadConfig(readEnvironment(), { dialects: switchableDialects });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const fault of error.faults) process.stderr.write(`${fault}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

function fail(error: unknown): void {
  process.stderr.write(`idp-bridge cannot start: ${reason(error)}\n`);
  process.exit(1);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof DatabaseUnavailable) return `${error.message}: ${cause(error)}; check DATABASE_URL`;
  const known = PLAIN.some((kind) => error instanceof kind) || hasCode(error, 'EADDRINUSE');
  return known ? error.message : (error.stack ?? error.message);
}

/** What the driver said; where it tried several addresses, all that it said. */
function cause({ cause: error }: Error): string {
  if (error instanceof AggregateError) return error.errors.map((one) => String(one)).join(', ');
  return error instanceof Error ? error.message : String(error);
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** What a person needs to go on, printed once the bridge listens. */
function banner(config: Config, bridge: RunningBridge): string {
  const { database } = config;
  const data =
    database.engine === 'pglite'
      ? `${database.dataDir} (embedded; survives the death of the process, not of the machine)`
      : 'PostgreSQL (DATABASE_URL)';
  const [first, ...others] = config.connections;
  const stated = first?.tokens.map(({ label }) => label) ?? [];
  const token = bridge.newScimToken
    ? `${bridge.newScimToken}   (made now and shown only once)`
    : stated.length === 0
      ? config.embedded
        ? '(made at the first start)'
        : '(see idp-bridge token list)'
      : `(${stated.join(', ')})`;
  const lines = [
    'idp-bridge is running.',
    '',
    `  SCIM URL    ${config.publicUrl}/scim/v2`,
    `  SCIM token  ${token}`,
    ...others.map(({ name }) => `              ${config.publicUrl}/connections/${name}/scim/v2`),
    ...(first?.oidc === undefined ? [] : [`  Claims      ${config.publicUrl}/oidc/claims`]),
    `  Coder       ${bridge.coderUrl}${bridge.simulator ? ' (simulator)' : ''}`,
    `  Queue       ${config.redisUrl === undefined ? 'BullMQ on the database' : 'BullMQ on Redis (REDIS_URL)'}`,
    `  Data        ${data}`,
    `  Health      ${bridge.url}/readyz`,
    ...(config.dryRun ? ['', '  DRY_RUN is on: nothing is changed in Coder; see GET /api/v1/holds.'] : []),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

await main();
