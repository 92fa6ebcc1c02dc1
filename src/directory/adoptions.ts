import { fold, targetKey } from '../common/index.js';
import type { TargetKind } from '../common/index.js';
import type { Database } from '../database/index.js';
import { journalEntry, journalInsert } from '../journal/index.js';
import type { WakeUps } from '../queue/index.js';

/** A part of a list, in order of ids. */
export interface AdoptionPage {
  /** The last id of the page before; null: from the beginning. */
  readonly after: string | null;
  readonly limit: number;
  /** Only of this connection. */
  readonly connection?: string;
}

/** An active user that has no account yet. */
export interface UnlinkedUser {
  readonly id: string;
  readonly connection: string;
  readonly userName: string;
  readonly email: string | null;
  /** The username that is stated for Coder, if one is. */
  readonly username: string | null;
}

/** A Coder group that is fed and not there yet: the target's id. */
export interface UnlinkedGroup {
  readonly id: string;
  readonly connection: string;
  readonly displayName: string;
}

/** Who is linked to an account or a group. */
export interface Owner {
  readonly coderId: string;
  readonly connection: string;
  /** userName or displayName. */
  readonly name: string;
}

/** Which held adoptions to let pass. */
export interface Approval {
  /** By userName, email address or id; `all`: whatever is held. */
  readonly users: readonly string[] | 'all';
  readonly connection?: string;
}

/** An adoption that waits for a person. */
export interface AwaitedAdoption {
  readonly id: string;
  readonly connection: string;
  readonly userName: string;
  /** The account, as the plan that is held names it. */
  readonly accountId: string;
  readonly username: string;
}

export interface ApprovalResult {
  readonly approved: readonly AwaitedAdoption[];
  /** Of whom no adoption waits for approval. */
  readonly unknown: readonly string[];
  /** Who stands for several users: name a connection, or an id. */
  readonly ambiguous: readonly string[];
}

/** Adoptions of what is in Coder already: what could be matched, and what a person lets pass. */
export interface Adoptions {
  users(page: AdoptionPage): Promise<UnlinkedUser[]>;
  groups(page: AdoptionPage): Promise<UnlinkedGroup[]>;
  owners(kind: TargetKind, coderIds: readonly string[]): Promise<Owner[]>;
  /** Each approval is of the very account that was held; of another one that is found later the adoption waits anew. */
  approve(approval: Approval): Promise<ApprovalResult>;
}

/** Injection token of the {@link Adoptions}. */
export const ADOPTIONS = Symbol('ADOPTIONS');

const USERS = {
  name: 'adoption-users',
  text: `
SELECT u.id, n.name AS connection, u.user_name AS "userName", u.email, u.access->>'username' AS username
  FROM bridge.users u JOIN bridge.targets t ON t.id = u.id JOIN bridge.connections n ON n.id = u.connection_id
 WHERE u.active AND u.deleted_at IS NULL AND t.coder_id IS NULL
   AND ($1::uuid IS NULL OR u.id > $1::uuid) AND ($3::text IS NULL OR n.name = $3::text)
 ORDER BY u.id LIMIT $2`,
};

const GROUPS = {
  name: 'adoption-groups',
  text: `
SELECT t.id, n.name AS connection, f.display_name AS "displayName"
  FROM bridge.targets t JOIN bridge.connections n ON n.id = t.connection_id
  CROSS JOIN LATERAL (SELECT g.display_name FROM bridge.groups g
                       WHERE g.target_id = t.id AND g.deleted_at IS NULL ORDER BY g.id LIMIT 1) f
 WHERE t.kind = 'group' AND t.coder_id IS NULL
   AND ($1::uuid IS NULL OR t.id > $1::uuid) AND ($3::text IS NULL OR n.name = $3::text)
 ORDER BY t.id LIMIT $2`,
};

const OWNERS = {
  name: 'adoption-owners',
  text: `
SELECT t.coder_id AS "coderId", n.name AS connection,
       coalesce((SELECT u.user_name FROM bridge.users u WHERE u.id = t.id),
                (SELECT g.display_name FROM bridge.groups g WHERE g.target_id = t.id
                  ORDER BY g.deleted_at NULLS FIRST, g.id LIMIT 1),
                (SELECT c.name FROM bridge.claimed_groups c WHERE c.target_id = t.id), '') AS name
  FROM bridge.targets t JOIN bridge.connections n ON n.id = t.connection_id
 WHERE t.kind = $1 AND t.coder_id = ANY($2::uuid[])`,
};

// What a dry run holds is planned anew when it is over: an approval of it would be lost.
const AWAITED = `
SELECT t.id, n.name AS connection, u.user_name AS "userName", u.user_name_key AS "nameKey", u.email_key AS "emailKey",
       t.held->'adopts'->>'accountId' AS "accountId", t.held->'adopts'->>'username' AS username, t.held->>'hash' AS hash
  FROM bridge.targets t JOIN bridge.users u ON u.id = t.id JOIN bridge.connections n ON n.id = t.connection_id
 WHERE t.held_version = t.desired AND t.held->'adopts'->>'accountId' IS NOT NULL AND t.held->>'dryRun' IS NULL
   AND ($1::text IS NULL OR n.name = $1::text)
 ORDER BY t.id`;

interface AwaitedRow extends AwaitedAdoption {
  readonly nameKey: string;
  readonly emailKey: string | null;
  readonly hash: string;
}

// By the hash that was read: a plan of another account that was held meanwhile is not approved.
const APPROVE = {
  name: 'adoption-approve',
  text: `
WITH wanted AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS w(id uuid, hash text)),
locked AS (
  SELECT t.id FROM bridge.targets t JOIN wanted w ON w.id = t.id
   WHERE t.held_version = t.desired AND t.held->>'hash' = w.hash ORDER BY t.id FOR NO KEY UPDATE OF t),
approved AS (
  UPDATE bridge.targets t SET held_version = NULL, swept_at = NULL,
         held = t.held || jsonb_build_object('approved', t.held->>'hash')
    FROM locked WHERE t.id = locked.id
  RETURNING t.id, t.connection_id, t.desired, t.held->'adopts'->>'accountId' AS account),
journaled AS (${journalInsert(2, {
    from: 'approved',
    connectionId: 'approved.connection_id',
    targetId: 'approved.id',
    targetKind: `'user'`,
    version: 'approved.desired',
    facts: `jsonb_build_object('coderId', approved.account)`,
  })})
SELECT id FROM approved`,
};

/** Rows that one statement locks. */
const AT_ONCE = 1_000;

/** {@link Adoptions} over SQL. */
export class SqlAdoptions implements Adoptions {
  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
  ) {}

  users({ after, limit, connection }: AdoptionPage): Promise<UnlinkedUser[]> {
    return this.database.query<UnlinkedUser>(USERS, [after, limit, connection ?? null]);
  }

  groups({ after, limit, connection }: AdoptionPage): Promise<UnlinkedGroup[]> {
    return this.database.query<UnlinkedGroup>(GROUPS, [after, limit, connection ?? null]);
  }

  async owners(kind: TargetKind, coderIds: readonly string[]): Promise<Owner[]> {
    return coderIds.length === 0 ? [] : this.database.query<Owner>(OWNERS, [kind, coderIds]);
  }

  async approve({ users, connection }: Approval): Promise<ApprovalResult> {
    const awaited = await this.database.query<AwaitedRow>(AWAITED, [connection ?? null]);
    const chosen = users === 'all' ? { rows: awaited, unknown: [], ambiguous: [] } : choose(awaited, users);
    const approved = new Set(await this.letPass(chosen.rows));
    return {
      approved: chosen.rows.filter(({ id }) => approved.has(id)).map(shown),
      unknown: chosen.unknown,
      ambiguous: chosen.ambiguous,
    };
  }

  private async letPass(rows: readonly AwaitedRow[]): Promise<string[]> {
    const entry = journalEntry({
      connectionId: null,
      target: null,
      source: 'admin',
      action: 'adoption.approved',
    });
    const passed: string[] = [];
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      const some = rows.slice(from, from + AT_ONCE).map(({ id, hash }) => ({ id, hash }));
      const done = await this.database.query<{ id: string }>(APPROVE, [JSON.stringify(some), ...entry]);
      this.wakeUps.wake(done.map(({ id }) => ({ target: targetKey('user', id), lane: 'normal' })));
      passed.push(...done.map(({ id }) => id));
    }
    return passed;
  }
}

/** Finds each by its userName, its email address or its id. */
function choose(
  awaited: readonly AwaitedRow[],
  users: readonly string[],
): { rows: AwaitedRow[]; unknown: string[]; ambiguous: string[] } {
  const byKey = new Map<string, Map<string, AwaitedRow>>();
  for (const row of awaited) {
    for (const key of [row.id, row.nameKey, row.emailKey]) {
      if (key !== null) byKey.set(key, (byKey.get(key) ?? new Map<string, AwaitedRow>()).set(row.id, row));
    }
  }
  const found = new Map<string, AwaitedRow>();
  const unknown: string[] = [];
  const ambiguous: string[] = [];
  for (const user of new Set(users)) {
    const [row, ...others] = byKey.get(fold(user.trim()))?.values() ?? [];
    if (!row) unknown.push(user);
    else if (others.length > 0) ambiguous.push(user);
    else found.set(row.id, row);
  }
  return { rows: [...found.values()], unknown, ambiguous };
}

function shown({ id, connection, userName, accountId, username }: AwaitedRow): AwaitedAdoption {
  return { id, connection, userName, accountId, username };
}
