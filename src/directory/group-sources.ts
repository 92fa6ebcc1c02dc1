import type { Database } from '../database/index.js';

/** How the target of a group stands. */
export interface GroupStanding {
  /** Coder's id and name of the group; null while it is not linked. */
  readonly coderId: string | null;
  readonly coderName: string | null;
  readonly dirty: boolean;
  readonly held: boolean;
  readonly paused: boolean;
  /** Why it is failed, for people. */
  readonly failure: string | null;
}

/** A group that a user is in, and by whom. */
export interface GroupSource extends GroupStanding {
  /** A SCIM group's displayName; of claims, the decision. */
  readonly because: string;
  readonly by: 'scim' | 'claims';
  readonly since: Date;
}

/** Where the groups of a user come from. */
export interface GroupSources {
  of(userId: string): Promise<GroupSource[]>;
}

/** Injection token of the {@link GroupSources}. */
export const GROUP_SOURCES = Symbol('GROUP_SOURCES');

const STANDING = `t.coder_id AS "coderId", coalesce(t.coder_name, c.name) AS "coderName", t.applied < t.desired AS dirty,
       coalesce(t.held_version = t.desired, false) AS held, n.paused_at IS NOT NULL AS paused,
       CASE WHEN t.failed_version = t.desired THEN t.failure->>'detail' END AS failure`;
const JOINS = `JOIN bridge.connections n ON n.id = t.connection_id LEFT JOIN bridge.claimed_groups c ON c.target_id = t.id`;

const SOURCES = {
  name: 'explain.groups',
  text: `
SELECT 'scim' AS by, g.display_name AS because, m.added_at AS since, ${STANDING}
  FROM bridge.memberships m JOIN bridge.groups g ON g.id = m.group_id AND g.deleted_at IS NULL
  JOIN bridge.targets t ON t.id = g.target_id ${JOINS}
 WHERE m.user_id = $1::uuid
UNION ALL
SELECT 'claims', m.because, m.since, ${STANDING}
  FROM bridge.claimed_members m JOIN bridge.targets t ON t.id = m.target_id ${JOINS}
 WHERE m.user_id = $1::uuid
 ORDER BY 2, 1`,
};

export class SqlGroupSources implements GroupSources {
  constructor(private readonly database: Database) {}

  of(userId: string): Promise<GroupSource[]> {
    return this.database.query<GroupSource>(SOURCES, [userId]);
  }
}
