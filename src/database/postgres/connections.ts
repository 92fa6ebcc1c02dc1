import type pg from 'pg';

/** Idle time before the first probe of a connection that may have died silently, milliseconds. */
export const KEEPALIVE_MS = 10_000;

/**
 * Lets clients in use survive the loss of their connection. The pool listens only to idle ones: a server that goes away
 * between two statements of a transaction would end the process; this way the next statement fails.
 */
export function surviveLosses(pool: pg.Pool): void {
  pool.on('connect', (client) => client.on('error', () => undefined));
}
