import { v7 } from 'uuid';

/** A new UUIDv7 (RFC 9562): ordered by creation, so that ordering by id is ordering by age. */
export function newId(): string {
  return v7();
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `value` has the form of a UUID. Ids from outside are checked before they reach a query. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
