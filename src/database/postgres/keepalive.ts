/** Idle time before the first probe of a connection that may have died silently, milliseconds. */
export const KEEPALIVE_MS = 10_000;
