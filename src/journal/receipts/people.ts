import { fold, isUuid } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { NoReceipt } from './model.js';

/** A user, or what a deletion left of one, with how its target stands. */
export interface PersonRow {
  readonly id: string;
  readonly connectionId: string;
  readonly connection: string;
  readonly paused: boolean;
  readonly userName: string;
  readonly deletedAt: Date | null;
  readonly createdAt: Date;
  readonly coderId: string | null;
  readonly desired: number;
  readonly applied: number;
  readonly tries: number;
  readonly notBefore: Date | null;
  readonly failedVersion: number | null;
  readonly failure: { readonly detail?: string; readonly status?: number } | null;
  readonly heldVersion: number | null;
  readonly held: { readonly dryRun?: boolean; readonly losses?: number } | null;
  /** Whether it was noted that the account is protected. */
  readonly shielded: boolean;
}

const PERSON = `
SELECT u.id, u.connection_id AS "connectionId", c.name AS connection, c.paused_at IS NOT NULL AS paused,
       u.user_name AS "userName", u.deleted_at AS "deletedAt", u.created_at AS "createdAt", t.coder_id AS "coderId", t.desired,
       t.applied, t.tries, t.not_before AS "notBefore", t.failed_version AS "failedVersion", t.failure,
       t.held_version AS "heldVersion", t.held, coalesce(t.notes ? 'note.protected', false) AS shielded
  FROM bridge.users u JOIN bridge.targets t ON t.id = u.id JOIN bridge.connections c ON c.id = u.connection_id`;

const MATCHED = (rank: number): string =>
  `SELECT id, connection_id, user_name_key, external_id, ${rank} AS rank FROM bridge.users WHERE`;

// Each alternative has an index of its own: one of the living, one of the deleted.
const FOUND = `
    ${MATCHED(1)} id = $1::uuid
    UNION ALL ${MATCHED(2)} user_name_key = $2::text AND deleted_at IS NULL
    UNION ALL ${MATCHED(2)} user_name_key = $2::text AND deleted_at IS NOT NULL
    UNION ALL ${MATCHED(3)} external_id = $3::text AND deleted_at IS NULL
    UNION ALL ${MATCHED(3)} external_id = $3::text AND deleted_at IS NOT NULL
    UNION ALL ${MATCHED(4)} email_key = $2::text AND deleted_at IS NULL`;

function matching(found: string): string {
  return `
SELECT f.id, f.connection_id AS "connectionId", f.user_name_key AS "nameKey", f.external_id AS "externalId", f.rank
  FROM (${found}) f JOIN bridge.connections c ON c.id = f.connection_id
 WHERE $4::text IS NULL OR c.name = $4::text
 ORDER BY f.rank, f.id DESC LIMIT 100`;
}

const MATCHING = { name: 'receipt.find', text: matching(FOUND) };

/** No index serves this one: it is asked where nothing else was found. */
const MATCHING_DELETED = {
  name: 'receipt.find-deleted-email',
  text: matching(
    `${MATCHED(5)} email_key = $2::text AND deleted_at IS NOT NULL AND $1::uuid IS NULL AND $3::text IS NOT NULL`,
  ),
};

/** Of a userName, an externalId, an email. */
const LONGEST_NAME = 512;

interface Match {
  readonly id: string;
  readonly connectionId: string;
  readonly nameKey: string;
  readonly externalId: string | null;
  readonly rank: number;
}

/** Everything that the same person was in a connection: who is deleted and made again is a new user each time. */
const SAME = {
  name: 'receipt.same-person',
  text: `
WITH same AS MATERIALIZED (
    SELECT id FROM bridge.users WHERE user_name_key = $2::text AND connection_id = $1::uuid AND deleted_at IS NULL
    UNION SELECT id FROM bridge.users WHERE user_name_key = $2::text AND connection_id = $1::uuid AND deleted_at IS NOT NULL
    UNION SELECT id FROM bridge.users WHERE external_id = $3::text AND connection_id = $1::uuid AND deleted_at IS NULL
    UNION SELECT id FROM bridge.users WHERE external_id = $3::text AND connection_id = $1::uuid AND deleted_at IS NOT NULL)
${PERSON} JOIN same ON same.id = u.id ORDER BY u.created_at DESC, u.id DESC LIMIT 50`,
};

/**
 * The person whom an id, userName, externalId or email names (in this order), the newest user first.
 *
 * @throws NoReceipt for nobody, and for several
 */
export async function findPerson(
  database: Queryable,
  name: string,
  connection: string | null,
): Promise<readonly PersonRow[]> {
  const ask = async (statement: typeof MATCHING): Promise<Match[]> =>
    database.query<Match>(statement, [isUuid(name) ? name : null, fold(name), name, connection]);
  let matches = isStorable(name, connection ?? '') ? await ask(MATCHING) : [];
  if (matches.length === 0 && isStorable(name, connection ?? '')) matches = await ask(MATCHING_DELETED);
  const best = matches.filter(({ rank }) => rank === matches[0]?.rank);
  const [one] = best;
  if (!one) {
    const where = connection === null ? '' : ` in the connection ${connection}`;
    throw new NoReceipt(
      'unknownUser',
      `There is no user ${name}${where}, by id, userName, externalId or email.`,
    );
  }
  const others = best.filter((other) => !isSame(one, other));
  if (others.length > 0) {
    const apart = others.some(({ connectionId }) => connectionId !== one.connectionId);
    const advice = apart
      ? 'name the connection (--connection, ?connection=), or the user by its id'
      : 'name the user by its id';
    throw new NoReceipt('ambiguousUser', `${name} names several users: ${advice}.`);
  }
  return database.query<PersonRow>(SAME, [one.connectionId, one.nameKey, one.externalId]);
}

/** Whether the database could hold such texts at all. */
function isStorable(...texts: readonly string[]): boolean {
  return texts.every((text) => text.length <= LONGEST_NAME && !text.includes('\0') && text.isWellFormed());
}

function isSame(one: Match, other: Match): boolean {
  if (one.connectionId !== other.connectionId) return false;
  return one.nameKey === other.nameKey || (one.externalId !== null && one.externalId === other.externalId);
}
