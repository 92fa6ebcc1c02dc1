import { Queue, Worker, createPostgresBackend } from 'bullmq';
import type { JobsOptions, PgPool, Processor, WorkerOptions } from 'bullmq';
import { Redis } from 'ioredis';

import type { Lane, TargetKey } from '../common/index.js';

/** What a job carries: the key of a target, never a payload. */
export interface JobData {
  readonly target: TargetKey;
  /** Added by the sweep: beside the target's own job, if it has one. */
  readonly swept?: true;
}

/** As much of BullMQ's Queue as the lanes use, whatever its backend. */
export interface LaneQueue {
  addBulk(jobs: { name: string; data: JobData; opts: JobsOptions }[]): Promise<unknown>;
  getJobCounts(
    ...types: ('waiting' | 'active' | 'delayed' | 'prioritized')[]
  ): Promise<Record<string, number>>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** As much of BullMQ's Worker as the lanes use. */
export interface LaneWorker {
  pause(doNotWaitActive?: boolean): Promise<void>;
  resume(): void;
  isPaused(): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(force?: boolean): Promise<void>;
}

export type LaneProcessor = Processor<JobData, void>;
export type LaneWorkerOptions = Omit<Partial<WorkerOptions>, 'connection' | 'telemetry'>;

/** Where BullMQ keeps its jobs. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres' | 'pglite';
  queue(lane: Lane): LaneQueue;
  worker(lane: Lane, processor: LaneProcessor, options: LaneWorkerOptions): LaneWorker;
  /** Resolves when the backend answers. */
  ping(): Promise<void>;
  /** Closes connections of its own; queues and workers are closed by their owners first. */
  close(): Promise<void>;
}

/** Injection token of the {@link QueueBackend}. */
export const QUEUE_BACKEND = Symbol('QUEUE_BACKEND');

const queueName = (lane: Lane): string => `reconcile-${lane}`;

/** BullMQ on PostgreSQL or PGlite. The pool's search_path is BullMQ's schema; each worker keeps a client of it for LISTEN. */
export function postgresBackend(kind: 'postgres' | 'pglite', pool: PgPool): QueueBackend {
  return {
    kind,
    queue: (lane) => new Queue(queueName(lane), { connection: pool }, createPostgresBackend),
    worker: (lane, processor, options) =>
      new Worker(queueName(lane), processor, { ...options, connection: pool }, createPostgresBackend),
    ping: async () => {
      await pool.query('SELECT 1');
    },
    // The pool belongs to the database, which closes it.
    close: () => Promise.resolve(),
  };
}

/**
 * BullMQ on Redis. Producers give up soon while Redis is away (the sweep delivers later what was not queued); workers
 * wait for it to come back.
 */
export function redisBackend(url: string): QueueBackend {
  const producer = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 2_000, retryStrategy });
  const consumer = new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
  // Connection errors surface where a command fails; without a listener ioredis prints each of them.
  producer.on('error', () => undefined);
  consumer.on('error', () => undefined);
  return {
    kind: 'redis',
    queue: (lane) => new Queue(queueName(lane), { connection: producer }),
    worker: (lane, processor, options) =>
      new Worker(queueName(lane), processor, { ...options, connection: consumer }),
    ping: async () => {
      await producer.ping();
    },
    close: () => {
      producer.disconnect();
      consumer.disconnect();
      return Promise.resolve();
    },
  };
}

/** Reconnects for ever, soon: a queue that is away is a normal state for the bridge. */
const retryStrategy = (times: number): number => Math.min(times * 100, 1_000);
