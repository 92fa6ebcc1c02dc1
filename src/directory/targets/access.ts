import type { Database } from '../../database/index.js';
import type { Effect, Offboarding, Remains, RoleChange, RoleFact } from '../target-store.js';
import { effectInsert, effectParameters } from './journaled.js';
import { SITE } from './reading-users.js';

const OWN_ROLES = {
  name: 'target-own-roles',
  text: `
WITH mine AS (
  SELECT id FROM bridge.targets WHERE id = $1::uuid AND lease_token = $2::uuid FOR NO KEY UPDATE),
gained AS (
  INSERT INTO bridge.owned_roles (target_id, organization_id, role)
  SELECT mine.id, g.organization_id, g.role
    FROM mine, unnest($3::uuid[], $4::text[]) AS g(organization_id, role)
  ON CONFLICT DO NOTHING),
lost AS (
  DELETE FROM bridge.owned_roles r USING mine, unnest($5::uuid[], $6::text[]) AS l(organization_id, role)
   WHERE r.target_id = mine.id AND r.organization_id = l.organization_id AND r.role = l.role)
SELECT id FROM mine`,
};

/** Roles that a source states and that were seen in Coder; only these are ever taken away. */
export async function ownRoles(
  database: Database,
  id: string,
  token: string,
  { gained, lost }: RoleChange,
): Promise<boolean> {
  const params = [id, token, ...columns(gained), ...columns(lost)];
  return (await database.query(OWN_ROLES, params)).length > 0;
}

function columns(facts: readonly RoleFact[]): [organizations: string[], roles: string[]] {
  return [facts.map(({ organizationId }) => organizationId ?? SITE), facts.map(({ role }) => role)];
}

const NOTHING_OPEN: Remains = { tokens: [], workspaces: [] };

const OFFBOARD = {
  name: 'target-offboard',
  text: `
WITH mine AS (
  UPDATE bridge.targets t SET offboarded = CASE WHEN $3::int IS NULL THEN NULL ELSE jsonb_build_object(
      'tokens', coalesce((t.offboarded->>'tokens')::int, 0) + $3::int,
      'workspaces', coalesce((t.offboarded->>'workspaces')::int, 0) + $4::int, 'open', $5::jsonb) END
   WHERE t.id = $1::uuid AND t.lease_token = $2::uuid
  RETURNING t.id, t.kind, t.connection_id, t.desired),
journaled AS (${effectInsert(6)})
SELECT id FROM mine`,
};

/** Adds to what leaving took from the person, or begins anew (null), with the effect that did it. */
export async function offboard(
  database: Database,
  id: string,
  token: string,
  taken: Offboarding | null,
  effect: Effect,
): Promise<boolean> {
  const { tokens = null, workspaces = null, open = NOTHING_OPEN } = taken ?? {};
  const params = [id, token, tokens, workspaces, JSON.stringify(open), ...effectParameters(effect)];
  return (await database.query(OFFBOARD, params)).length > 0;
}
