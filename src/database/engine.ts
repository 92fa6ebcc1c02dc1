import type { PgPool, PgPoolClient } from 'bullmq';
import type { Database } from './database.js';

/** Where the database writes what operators should know; pino's shape. */
export interface DatabaseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The database with what stands around it: the queue's pool, and one session for migrations. */
export interface Engine {
  readonly database: Database;
  /**
   * A pool for BullMQ's Postgres backend, whose unqualified names resolve to schema `bullmq`.
   *
   * @param listenClients how many connections BullMQ keeps for LISTEN: one for each Worker and each QueueEvents
   * @throws PoolerRefused behind PgBouncer in transaction mode; DatabaseUnavailable
   */
  queuePool(listenClients: number): Promise<PgPool>;
  /** One session of its own, for migrations; to be released. */
  session(): Promise<PgPoolClient>;
  /** Closes the pools, the database, and gives the data folder free. */
  close(): Promise<void>;
}

/** Injection token of the {@link Engine}. */
export const ENGINE = Symbol('ENGINE');
