import { join } from 'node:path';

import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { AppModule } from '../app.module.js';
import type { Runtime } from '../app.module.js';
import { callMetrics } from './coder-metrics.js';
import { connectCoder } from '../coder/index.js';
import type { CoderConnection, ConnectDependencies } from '../coder/index.js';
import type { Config } from '../config/index.js';
import { Access, ensureAdminToken, registerTokenEndpoint, TokenEndpoint } from '../connections/index.js';
import { openEngine, runMigrations, voidLeases } from '../database/index.js';
import type { Engine } from '../database/index.js';
import { SqlTargetIssues } from '../directory/index.js';
import { registerChecks } from './health-checks.js';
import { openReadiness } from './readiness.js';
import { openTheConnections } from './open-connections.js';
import type { Tuning } from './tuning.js';
import { ensurePartitions } from '../journal/index.js';
import { configureOidc, takesClaims } from '../oidc/index.js';
import { checkRedis, postgresBackend, redisBackend } from '../queue/index.js';
import type { QueueBackend } from '../queue/index.js';
import { RequestLog, tidyRequests } from '../request-log/index.js';
import { RunningRoles } from './running-roles.js';
import { configureScim, scimServerOptions } from '../scim/http/index.js';
import { startSimulator } from '../simulator/index.js';
import type { Simulator } from '../simulator/index.js';
import { EMBEDDED_NOTE, Health, Metrics, NestLog, registerHttpMetrics } from '../telemetry/index.js';
import type { Log } from '../telemetry/index.js';

/** LISTEN clients of the queue's pool: one for each lane's worker. */
const LISTEN_CLIENTS = 2;

/** A bridge that runs. */
export interface RunningBridge {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** The SCIM token, at the start that made it; it is not kept anywhere. */
  readonly newScimToken?: string;
  readonly adminToken: string | null;
  readonly coderUrl: string;
  /** The simulator in this process, where one was asked for. */
  readonly simulator?: Simulator;
  /**
   * Drains and ends: readiness goes, then (after `graceMs`) no new requests; runs in flight end or give their targets back;
   * workers, queues and pools close.
   */
  close(graceMs?: number): Promise<void>;
}

type Closer = () => Promise<unknown>;

/**
 * Opens everything that the configuration names, starts the roles, and listens. What was opened is closed when a part fails.
 *
 * @param tuning for tests; none: what is meant
 */
export async function startBridge(config: Config, log: Log, tuning: Tuning = {}): Promise<RunningBridge> {
  const closers: Closer[] = [];
  try {
    return await open(config, log, tuning, closers);
  } catch (error) {
    for (const close of closers.toReversed()) await close().catch(() => undefined);
    throw error;
  }
}

async function open(config: Config, log: Log, tuning: Tuning, closers: Closer[]): Promise<RunningBridge> {
  for (const warning of config.warnings ?? []) log.warn(warning);
  const engine =
    tuning.engine ?? (await openEngine(config.database, { log: log.child({ room: 'database' }) }));
  closers.push(() => engine.close());
  await prepare(engine, config);
  const backend = await openQueue(engine, config, log);
  closers.push(() => backend.close());
  const queueBackend = tuning.queue?.(backend) ?? backend;
  const simulator = config.coder.url === 'simulator' ? await openSimulator(config) : undefined;
  if (simulator) closers.push(() => simulator.close());

  const workers = { live: 1 };
  const metrics = new Metrics({ process: true });
  const coder = openCoder(config, log, simulator, {
    workers: () => workers.live,
    onCall: callMetrics(metrics),
    ...(tuning.callTimeoutMs === undefined ? {} : { timeoutMs: tuning.callTimeoutMs }),
  });
  closers.push(() => coder.close());
  const { readiness, start: startReadiness } = openReadiness(config, coder, simulator?.token, log, tuning);
  closers.push(async () => readiness.close());
  const { connections, tokens, newScimToken } = await openTheConnections(config, engine.database, log);
  closers.push(() => tokens.close());
  const access = new Access(connections, tokens);
  const requestLog = openRequestLog(config, engine, log);
  closers.push(async () => requestLog?.close());
  const adminToken = await openAdmin(config);

  const runtime: Runtime = {
    config,
    database: engine.database,
    queueBackend,
    coder,
    coderAddress: { url: simulator?.url ?? config.coder.url, simulator: simulator !== undefined },
    refusals: readiness,
    seats: readiness,
    connections,
    tokens,
    access,
    requestLog,
    adminToken,
    ...(tuning.backoff ? { backoff: tuning.backoff } : {}),
    telemetry: { log, metrics, health: openHealth(config), ...(adminToken === null ? {} : { adminToken }) },
  };
  const app = await createApp(runtime, log, new TokenEndpoint(connections, engine.database, access), tuning);
  const running = new RunningRoles(app, runtime, workers);
  closers.push(() => running.stop());
  // The last one pushed is the first one closed: no new requests, then the work in flight.
  closers.push(() => app.close());
  registerChecks(runtime, running, readiness);
  await startReadiness(() => running.dirty().retryFailed());
  await running.start();
  await app.listen({ port: config.port, host: config.host });
  return {
    url: await app.getUrl(),
    ...(newScimToken === undefined ? {} : { newScimToken }),
    adminToken,
    coderUrl: runtime.coderAddress.url,
    ...(simulator ? { simulator } : {}),
    close: closeOnce(runtime, running, closers),
  };
}

function closeOnce(
  runtime: Runtime,
  running: RunningRoles,
  closers: readonly Closer[],
): (graceMs?: number) => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async (graceMs: number): Promise<void> => {
    runtime.telemetry.health.drain();
    running.endWaits();
    if (graceMs > 0) await new Promise((resolve) => setTimeout(resolve, graceMs));
    for (const closer of closers.toReversed()) {
      await closer().catch((error: unknown) =>
        runtime.telemetry.log.warn({ err: error }, 'a part did not close cleanly'),
      );
    }
  };
  return (graceMs = 0) => (closing ??= close(graceMs));
}

async function prepare(engine: Engine, config: Config): Promise<void> {
  await runMigrations(engine);
  // The embedded engine has one owner: leases that the last process left are void.
  if (config.database.engine === 'pglite') await voidLeases(engine.database);
  await ensurePartitions(engine.database, new Date());
  await tidyRequests(engine.database, new Date(), config.requestLog.days);
  if (!config.dryRun) await new SqlTargetIssues(engine.database, { wake: () => undefined }).releaseDryRun();
}

async function openQueue(engine: Engine, config: Config, log: Log): Promise<QueueBackend> {
  if (config.redisUrl === undefined) {
    return postgresBackend(engine.database.engine, await engine.queuePool(LISTEN_CLIENTS));
  }
  for (const warning of await checkRedis(config.redisUrl)) log.warn(warning);
  return redisBackend(config.redisUrl);
}

/** The simulator keeps its state beside the bridge's data, so that both survive a restart together. */
async function openSimulator(config: Config): Promise<Simulator> {
  const { database, coder } = config;
  return startSimulator({
    ...(database.engine === 'pglite' ? { stateFile: join(database.dataDir, 'simulator.jsonl') } : {}),
    ...(coder.rateLimit === undefined ? {} : { rateLimit: coder.rateLimit }),
  });
}

function openCoder(
  config: Config,
  log: Log,
  simulator: Simulator | undefined,
  dependencies: Omit<ConnectDependencies, 'log'>,
): CoderConnection {
  const { rateLimit, sessionToken, url } = config.coder;
  const token = simulator?.token ?? sessionToken;
  return connectCoder(
    {
      url: simulator?.url ?? url,
      ...(token === undefined ? {} : { sessionToken: token }),
      ...(rateLimit === undefined ? {} : { rateLimit }),
    },
    { log: log.child({ room: 'coder' }), ...dependencies },
  );
}

function openHealth({ roles, database }: Config): Health {
  return new Health({ roles, notes: database.engine === 'pglite' ? [EMBEDDED_NOTE] : [] });
}

async function openAdmin(config: Config): Promise<string | null> {
  if (config.adminToken !== undefined) return config.adminToken;
  if (!config.embedded || config.database.engine !== 'pglite') return null;
  return ensureAdminToken(config.database.dataDir);
}

function openRequestLog({ requestLog, roles }: Config, { database }: Engine, log: Log): RequestLog | null {
  if (requestLog.days === 0 || !roles.has('api')) return null;
  return new RequestLog(database, log.child({ room: 'request-log' }), { values: requestLog.values });
}

async function createApp(
  runtime: Runtime,
  log: Log,
  tokenEndpoint: TokenEndpoint,
  { hookMs }: Tuning,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    ...scimServerOptions,
    bodyLimit: 16 * 1024 * 1024,
    trustProxy: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(runtime), adapter, {
    logger: new NestLog(log),
    abortOnError: false,
  });
  registerHttpMetrics(adapter.getInstance(), runtime.telemetry.metrics);
  if (runtime.config.roles.has('api')) {
    configureScim(app);
    registerTokenEndpoint(adapter.getInstance(), tokenEndpoint, log.child({ room: 'connections' }));
    if (takesClaims(runtime.connections)) configureOidc(app, log, hookMs);
  }
  await app.init();
  return app;
}
