import { TOKENS } from '../support/bridge.js';
import { keyOf, NEW } from '../support/databases.js';
import { prepare } from '../support/load.js';
import type { Prepared } from '../support/load.js';
import { userBody } from '../support/people.js';

/** Different requests of each kind of reading. */
const READS = 5_000;

/** Numbers spread over all users, in an order that is no order of theirs. */
export const scattered = (n: number, size: number): number => (n * 7_919) % size;

/** POST /Users, each a new person. */
export function creations(count: number): Prepared[] {
  return Array.from({ length: count }, (_, n) =>
    prepare('POST', '/scim/v2/Users', TOKENS.scim, userBody(`${NEW}-${n}`)),
  );
}

/** GET /Users/{id}, of users by their ids. */
export function reads(users: readonly string[]): Prepared[] {
  return Array.from({ length: READS }, (_, n) =>
    prepare('GET', `/scim/v2/Users/${users[scattered(n, users.length)]}`, TOKENS.scim),
  );
}

/** GET /Users?filter=userName eq, of people by their numbers. */
export function lookups(size: number): Prepared[] {
  return Array.from({ length: READS }, (_, n) => {
    const filter = `userName eq "${keyOf(scattered(n, size))}@example.com"`;
    return prepare('GET', `/scim/v2/Users?filter=${encodeURIComponent(filter)}`, TOKENS.scim);
  });
}
