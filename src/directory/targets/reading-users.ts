import type { StatedAccess } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { hasKeptClaims } from '../claims/ties.js';
import type { TiedSubject } from '../claims/model.js';
import type { Offboarding, RoleFact, UserTarget } from '../target-store.js';
import { common, COMMON, CONNECTION } from './reading.js';
import type { CommonRow } from './reading.js';

/** As organization of a role: the whole site. */
export const SITE = '00000000-0000-0000-0000-000000000000';

interface UserRow extends CommonRow {
  readonly user_name: string;
  readonly external_id: string | null;
  readonly active: boolean;
  readonly email: string | null;
  readonly full_name: string;
  readonly email_claimed_by: string | null;
  readonly owned: readonly string[];
  readonly roles: readonly (readonly [organizationId: string, role: string])[];
  readonly access: StatedAccess | null;
  readonly group_names: readonly string[];
  readonly offboarded: Offboarding | null;
  readonly keys_until: Date | null;
  readonly subjects: readonly TiedSubject[];
  readonly settings_changed_ms: number | null;
  readonly kept_claims: boolean;
  readonly claimed: UserTarget['claimedGroups'];
}

// An email belongs to the first of its live users that has an account or is to have one. Ids are ordered by age.
const READ_USER = {
  name: 'target-read-user',
  text: `
SELECT ${COMMON},
       u.access, t.offboarded, t.keys_until, u.user_name, u.external_id, u.active, u.email, u.full_name, u.deleted_at IS NOT NULL AS deleted,
       (SELECT o.id FROM bridge.users o JOIN bridge.targets ot ON ot.id = o.id
         WHERE o.email_key = u.email_key AND o.deleted_at IS NULL AND o.id < u.id
           AND (o.active OR ot.coder_id IS NOT NULL)
         ORDER BY o.id LIMIT 1) AS email_claimed_by,
       ARRAY(SELECT f.value::text FROM bridge.owned_facts f
              WHERE f.target_id = t.id AND f.kind = 'organization' ORDER BY f.value) AS owned,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(r.organization_id, r.role)), '[]')
          FROM bridge.owned_roles r WHERE r.target_id = t.id) AS roles,
       ARRAY(SELECT g.display_name FROM bridge.memberships m JOIN bridge.groups g ON g.id = m.group_id
              WHERE m.user_id = t.id AND g.deleted_at IS NULL ORDER BY g.display_name) AS group_names,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'issuer', s.issuer, 'issuedAt', s.issued_at, 'claims', s.claims,
                                                     'unreadable', s.unreadable, 'decided', s.decided,
                 'groupsChangedMs', extract(epoch FROM now() - s.groups_changed_at) * 1000) ORDER BY s.id), '[]')
          FROM bridge.subjects s WHERE s.user_id = t.id) AS subjects,
       (extract(epoch FROM now() - n.idp_sync_changed_at) * 1000)::double precision AS settings_changed_ms,
       u.deleted_at IS NULL AND ${hasKeptClaims('u')} AS kept_claims,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'key', coalesce(o.coder_id::text, cg.organization_id || '/' || cg.name), 'because', m.because)), '[]')
          FROM bridge.claimed_members m JOIN bridge.targets o ON o.id = m.target_id
          LEFT JOIN bridge.claimed_groups cg ON cg.target_id = m.target_id WHERE m.user_id = t.id) AS claimed
  FROM bridge.targets t JOIN bridge.users u ON u.id = t.id ${CONNECTION}
 WHERE t.id = $1::uuid`,
};

export async function readUser(database: Queryable, id: string): Promise<UserTarget | null> {
  const [row] = await database.query<UserRow>(READ_USER, [id]);
  if (!row) return null;
  return {
    ...common(row),
    kind: 'user',
    userName: row.user_name,
    externalId: row.external_id,
    active: row.active,
    email: row.email,
    fullName: row.full_name,
    emailClaimedBy: row.email_claimed_by,
    ownedOrganizations: row.owned,
    ownedRoles: row.roles.map(roleOf),
    access: row.access ?? {},
    groups: row.group_names,
    offboarded: row.offboarded,
    keysUntil: row.keys_until,
    subjects: row.subjects,
    ...(row.settings_changed_ms !== null && { settingsChangedMs: row.settings_changed_ms }),
    hasKeptClaims: row.kept_claims,
    claimedGroups: row.claimed,
  };
}

function roleOf([organizationId, role]: UserRow['roles'][number]): RoleFact {
  return { organizationId: organizationId === SITE ? null : organizationId, role };
}

const READ_USERNAMES = {
  name: 'target-usernames',
  text: `SELECT coder_id AS id, coder_name AS name FROM bridge.targets WHERE kind = 'user' AND coder_id = ANY($1::uuid[])`,
};

export async function readUsernames(
  database: Queryable,
  coderIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query<{ id: string; name: string }>(READ_USERNAMES, [coderIds]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
