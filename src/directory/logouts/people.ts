import { fold } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import type { Logout } from './model.js';

/** Users with one email address that a logout is carried out for. */
const MOST_USERS = 10;

const BY_SUBJECT = {
  name: 'logouts.by-subject',
  text: `
SELECT u.id, u.deleted_at IS NULL AS alive, 1 AS place FROM bridge.subjects s JOIN bridge.users u ON u.id = s.user_id
 WHERE s.subject = $2::text AND s.issuer = $3::text AND s.connection_id = $1::uuid
UNION ALL
SELECT u.id, true, 2 FROM bridge.users u
 WHERE u.external_id = ANY($4::text[]) AND u.connection_id = $1::uuid AND u.deleted_at IS NULL
ORDER BY place`,
};

const BY_EMAIL = {
  name: 'logouts.by-email',
  text: `
SELECT u.id FROM bridge.users u
 WHERE u.email_key = $2::text AND u.connection_id = $1::uuid AND u.deleted_at IS NULL ORDER BY u.id LIMIT ${MOST_USERS}`,
};

/**
 * The directory users whom a logout is about: the one that the subject is tied to, else the one whose externalId it is; by address
 * all that have it, as it is better to log out one too many. Sorted, so that two logouts lock them in the same order.
 */
export async function usersOf(
  tx: Queryable,
  { connectionId, issuer, person }: Logout,
): Promise<readonly string[]> {
  if ('sessionId' in person) return [];
  if ('email' in person) {
    const found = await tx.query<{ id: string }>(BY_EMAIL, [connectionId, fold(person.email)]);
    return found.map(({ id }) => id);
  }
  const { subject, externalIds } = person;
  const found = await tx.query<{ id: string; alive: boolean }>(BY_SUBJECT, [
    connectionId,
    subject,
    issuer,
    externalIds,
  ]);
  // The tied one comes first; of a deleted user only the account is left, and its tokens.
  const one = found.find(({ alive }) => alive) ?? found[0];
  return one === undefined ? [] : [one.id];
}
