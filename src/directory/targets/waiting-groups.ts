import { targetKey } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { IS_DIRTY } from '../../queue/index.js';
import type { WakeUp } from '../../queue/index.js';

// A group that was refused or put off by a fault is not waited for: who knows when it is there. A membership is owned just before
// the call that makes it true, so that only one that is older than the group's present work is there for sure.
const GROUPS_ON_THEIR_WAY = {
  name: 'target-groups-on-their-way',
  text: `
SELECT DISTINCT g.organization
  FROM (SELECT g.target_id, g.settings->>'organization' AS organization
          FROM bridge.memberships m JOIN bridge.groups g ON g.id = m.group_id AND g.deleted_at IS NULL
         WHERE m.user_id = $1::uuid
        UNION
        SELECT c.target_id, g.organization_id::text
          FROM bridge.claimed_members c LEFT JOIN bridge.claimed_groups g ON g.target_id = c.target_id
         WHERE c.user_id = $1::uuid) g
  JOIN bridge.targets t ON t.id = g.target_id
 WHERE t.tries = 0 AND ${IS_DIRTY}
   AND NOT EXISTS (SELECT FROM bridge.owned_facts f JOIN bridge.targets u ON u.id = $1::uuid
                    WHERE f.target_id = t.id AND f.kind = 'member' AND f.value = u.coder_id
                      AND f.since < t.dirty_since)`,
};

/** Where the groups lie that a user is in by the directory, and not yet in Coder, while their work is in the queue; null: not stated. */
export async function groupsOnTheirWay(
  database: Queryable,
  userId: string,
): Promise<readonly (string | null)[]> {
  const rows = await database.query<{ organization: string | null }>(GROUPS_ON_THEIR_WAY, [userId]);
  return rows.map(({ organization }) => organization);
}

const WAITING_MEMBERS = {
  name: 'target-waiting-members',
  text: `
SELECT t.id FROM bridge.targets t
 WHERE t.kind = 'user' AND t.coder_id = ANY($1::uuid[]) AND t.tries = 0 AND t.not_before > now() AND ${IS_DIRTY}`,
};

/** Of the users who have come into a group, those whose work was put off: their roles may have waited for it. */
export async function waitingUsers(database: Queryable, coderIds: readonly string[]): Promise<WakeUp[]> {
  if (coderIds.length === 0) return [];
  const rows = await database.query<{ id: string }>(WAITING_MEMBERS, [coderIds]);
  return rows.map(({ id }) => ({ target: targetKey('user', id), lane: 'normal', bringForward: true }));
}
