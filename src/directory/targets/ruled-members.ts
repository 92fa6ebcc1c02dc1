import type { Database } from '../../database/index.js';
import { targetKey } from '../../common/index.js';
import { RAISE } from '../../queue/index.js';
import type { WakeUps } from '../../queue/index.js';
import { queryOnceMore } from '../push/once-more.js';

// Changes of one group's members are serialised by its row's lock, so that their ids are in the order of their commits.
const RAISE_RULED = {
  name: 'target-raise-ruled',
  text: `
WITH mine AS (
  SELECT id FROM bridge.targets WHERE id = $1::uuid AND lease_token = $2::uuid),
feeds AS MATERIALIZED (
  SELECT g.id, g.display_name_key, g.ruled_upto, g.ruled_as, g.ruled_as IS DISTINCT FROM g.display_name_key AS renamed
    FROM mine JOIN bridge.groups g ON g.target_id = mine.id
   WHERE g.display_name_key = ANY($3::text[]) OR g.ruled_as = ANY($3::text[])
     FOR NO KEY UPDATE OF g),
changes AS MATERIALIZED (
  SELECT j.group_id, j.user_id, j.id, j.change = 'removed' AS loss
    FROM feeds f JOIN bridge.journal_memberships j ON j.group_id = f.id AND j.id > f.ruled_upto),
concerned AS MATERIALIZED (
  SELECT user_id, bool_or(loss) AS loss FROM (
    SELECT user_id, loss FROM changes
    UNION ALL
    SELECT m.user_id, f.ruled_as IS NOT NULL FROM feeds f JOIN bridge.memberships m ON m.group_id = f.id AND f.renamed) all_of_them
   GROUP BY user_id),
locked AS MATERIALIZED (
  SELECT t.id, c.loss FROM bridge.targets t JOIN concerned c ON c.user_id = t.id ORDER BY t.id FOR NO KEY UPDATE OF t),
raised AS (
  UPDATE bridge.targets t SET ${RAISE}, urgent = t.urgent OR l.loss FROM locked l WHERE t.id = l.id
  RETURNING t.id, t.urgent),
noted AS (
  UPDATE bridge.groups g SET ruled_as = g.display_name_key,
         ruled_upto = greatest(g.ruled_upto, (SELECT max(c.id) FROM changes c WHERE c.group_id = g.id))
    FROM feeds f WHERE g.id = f.id)
SELECT ARRAY(SELECT jsonb_build_array(id, urgent) FROM raised) AS raised FROM mine`,
};

/**
 * Raises the users whose access the rules of a group concern: who joined or left it since the last time, and everybody in it
 * after a renaming. Whoever is raised is planned for with the groups of that moment.
 *
 * @param ruled folded names of the groups that the connection's rules name
 */
export async function raiseRuled(
  database: Database,
  wakeUps: WakeUps,
  id: string,
  token: string,
  ruled: readonly string[],
): Promise<boolean> {
  const [mine] = await queryOnceMore<{ raised: readonly (readonly [string, boolean])[] }>(
    database,
    RAISE_RULED,
    [id, token, ruled],
  );
  if (!mine) return false;
  wakeUps.wake(
    mine.raised.map(([user, urgent]) => ({
      target: targetKey('user', user),
      lane: urgent ? 'urgent' : 'normal',
    })),
  );
  return true;
}
