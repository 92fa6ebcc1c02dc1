import { DatabaseUnavailable, UniqueViolation } from './database.js';

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * SQLSTATEs of a server that cannot serve now: going down or coming up (57P01-57P03, 57P05), out of connections
 * (53300), a standby that a fail-over has not promoted yet (25006), one that does not let us in (28000, 28P01: a password
 * that was changed there and not yet here), or where the database is not made yet (3D000). Class 08 is added by its prefix.
 */
const NOT_NOW = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '25006', '28000', '28P01', '3D000']);

/** Messages of node-postgres for connections that ended; it gives them no code. */
const ENDED = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Query read timeout',
  'Cannot use a pool after calling end',
  'PGlite is clos',
];

/** The driver's code: an SQLSTATE or a system error's name. */
export function driverCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Whether the error says that there is no connection (and the one it came from is of no further use). */
export function isConnectionError(error: unknown): boolean {
  const code = driverCode(error);
  if (code !== undefined && (NETWORK.has(code) || NOT_NOW.has(code) || /^08...$/.test(code))) return true;
  return error instanceof Error && ENDED.some((start) => error.message.startsWith(start));
}

/** Serialization failure or deadlock: the transaction may simply be run again. */
export function isRetryable(error: unknown): boolean {
  const code = driverCode(error);
  return code === '40001' || code === '40P01';
}

/** The error that callers of the database see. */
export function translate(error: unknown): unknown {
  if (error instanceof UniqueViolation || error instanceof DatabaseUnavailable) return error;
  if (driverCode(error) === '23505') {
    const constraint = error instanceof Error && 'constraint' in error ? error.constraint : undefined;
    return new UniqueViolation(typeof constraint === 'string' ? constraint : 'unknown');
  }
  return isConnectionError(error) ? new DatabaseUnavailable(error) : error;
}
