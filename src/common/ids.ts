import { v7 } from 'uuid';

/** A new UUIDv7 (RFC 9562): ordered by creation, so that ordering by id is ordering by age. */
export function newId(): string {
  return v7();
}

/**
 * A source of ids that are cheaper than {@link newId}: the same UUIDv7 for all of them, and a count. They tell the requests of
 * one process apart, and those of several.
 */
export function counted(): () => string {
  const source = newId();
  let count = 0;
  return () => `${source}-${++count}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `value` has the form of a UUID. Ids from outside are checked before they reach a query. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
