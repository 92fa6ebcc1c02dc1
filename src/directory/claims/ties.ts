import type { Queryable } from '../../database/index.js';

/** How a subject came to be tied to a user. */
export type TiedBy = 'externalId' | 'email';

/** A subject as far as it matters for who it is. */
export interface Tied {
  readonly connectionId: string;
  readonly userId: string | null;
  readonly tiedBy: TiedBy | null;
  readonly externalIds: readonly string[];
  /** Folded; null: none, or not verified. */
  readonly emailKey: string | null;
}

/** Who a subject is. */
export interface Tie {
  readonly userId: string | null;
  readonly by: TiedBy | null;
  /** It is so only from now on. */
  readonly made: boolean;
  /** The deleted user that the subject was tied to before. */
  readonly instead?: string;
  /** What is odd about it, for the journal. */
  readonly note: TieNote | null;
}

/** For people to look at: nothing is changed by it. */
export interface TieNote {
  readonly action: 'claims.ambiguous' | 'claims.tie.gone' | 'claims.tie.email' | 'claims.user.refused';
  readonly facts: { readonly detail: string; readonly users: readonly string[] };
}

interface Candidate {
  readonly id: string;
  readonly external_id: string | null;
  readonly by_email: boolean;
}

// Each by its own index, whatever the planner knows of the tables' sizes.
const CANDIDATES = {
  name: 'claims.candidates',
  text: `
SELECT u.id, u.external_id, false AS by_email FROM bridge.users u
 WHERE u.external_id = ANY($2::text[]) AND u.connection_id = $1::uuid AND u.deleted_at IS NULL
UNION ALL
SELECT * FROM (
  SELECT u.id, u.external_id, true FROM bridge.users u
   WHERE u.email_key = $3::text AND u.connection_id = $1::uuid AND u.deleted_at IS NULL ORDER BY u.id LIMIT 10) by_email`,
};

const IS_ALIVE = {
  name: 'claims.is-alive',
  text: `SELECT u.deleted_at IS NULL AS alive FROM bridge.users u WHERE u.id = $1::uuid`,
};

/**
 * Who a subject is: tied once, by an externalId of its own, then by a verified address that one user alone has. A tie is kept
 * whatever becomes of the address; it moves on only from a deleted user to the one that has the same externalId now, which is
 * the same person created anew.
 */
export async function tieOf(tx: Queryable, subject: Tied): Promise<Tie> {
  const { connectionId, userId, externalIds, emailKey } = subject;
  const found = await tx.query<Candidate>(CANDIDATES, [connectionId, externalIds, emailKey]);
  const byExternalId = firstOf(found, externalIds);
  const byEmail = found.filter((one) => one.by_email).map(({ id }) => id);
  if (userId !== null) return present(tx, subject, userId, byExternalId, byEmail);
  if (byExternalId !== null) return { userId: byExternalId, by: 'externalId', made: true, note: null };
  const [only = null, ...others] = byEmail;
  if (only !== null && others.length === 0) return { userId: only, by: 'email', made: true, note: null };
  const note: TieNote | null =
    only === null
      ? null
      : {
          action: 'claims.ambiguous',
          facts: {
            detail: 'several users have the verified address, and none the externalId',
            users: byEmail,
          },
        };
  return { userId: null, by: null, made: false, note };
}

/** The user with the best of the ids. */
function firstOf(found: readonly Candidate[], externalIds: readonly string[]): string | null {
  for (const externalId of externalIds) {
    const one = found.find((candidate) => !candidate.by_email && candidate.external_id === externalId);
    if (one) return one.id;
  }
  return null;
}

async function present(
  tx: Queryable,
  { tiedBy }: Tied,
  userId: string,
  byExternalId: string | null,
  byEmail: readonly string[],
): Promise<Tie> {
  const [user] = await tx.query<{ alive: boolean }>(IS_ALIVE, [userId]);
  const kept = { userId, by: tiedBy, made: false };
  if (user?.alive !== true) {
    if (byExternalId !== null)
      return { userId: byExternalId, by: 'externalId', made: true, instead: userId, note: null };
    const detail = 'the user that the subject is tied to was deleted; the tie stays';
    return { ...kept, note: { action: 'claims.tie.gone', facts: { detail, users: byEmail } } };
  }
  if (byEmail.length === 0 || byEmail.includes(userId)) return { ...kept, note: null };
  const detail = 'the verified address belongs to another user now; the tie stays';
  return { ...kept, note: { action: 'claims.tie.email', facts: { detail, users: byEmail } } };
}

/** SQL boolean: whether claims are kept that may be those of user `u`, which is not deleted. */
export function hasKeptClaims(u: string): string {
  return `(EXISTS (SELECT FROM bridge.subjects k
             WHERE k.external_ids @> ARRAY[${u}.external_id] AND k.connection_id = ${u}.connection_id AND ${UNTIED_OR_GONE})
       OR EXISTS (SELECT FROM bridge.subjects k
             WHERE k.email_key = ${u}.email_key AND k.connection_id = ${u}.connection_id AND k.user_id IS NULL))`;
}

const UNTIED_OR_GONE = `(k.user_id IS NULL
   OR EXISTS (SELECT FROM bridge.users d WHERE d.id = k.user_id AND d.deleted_at IS NOT NULL))`;

const KEPT = {
  name: 'claims.kept',
  text: `
SELECT k.id FROM bridge.subjects k JOIN bridge.users u ON u.id = $1::uuid AND u.deleted_at IS NULL
 WHERE k.external_ids @> ARRAY[u.external_id] AND k.connection_id = u.connection_id AND ${UNTIED_OR_GONE}
UNION
SELECT k.id FROM bridge.subjects k JOIN bridge.users u ON u.id = $1::uuid AND u.deleted_at IS NULL
 WHERE k.email_key = u.email_key AND k.connection_id = u.connection_id AND k.user_id IS NULL
 ORDER BY id`,
};

/** Ids of the subjects whose kept claims may be the user's. */
export async function keptFor(database: Queryable, userId: string): Promise<string[]> {
  return (await database.query<{ id: string }>(KEPT, [userId])).map(({ id }) => id);
}
