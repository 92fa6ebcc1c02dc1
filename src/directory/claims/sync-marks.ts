import type { Database } from '../../database/index.js';

/** A connection of which there are tied claims, and by which settings of IdP sync its people were decided on. */
export interface SyncMark {
  readonly id: string;
  readonly name: string;
  /** Digests by part, as {@link SyncMarks.remember} was told them; none: never. */
  readonly digests: Readonly<Record<string, string>>;
  /** Ids of the organizations into which the bridge put people who have claims. */
  readonly organizations: readonly string[];
}

/** By which settings of IdP sync people were last decided on. */
export interface SyncMarks {
  /** Connections whose people have claims. */
  all(): Promise<readonly SyncMark[]>;
  /** From now on no settings serve that were read before. */
  changed(connectionId: string): Promise<void>;
  remember(connectionId: string, digests: Readonly<Record<string, string>>): Promise<void>;
  /** Ids of the connection's users who have claims. */
  claimants(connectionId: string): Promise<string[]>;
}

/** Injection token of the {@link SyncMarks}. */
export const SYNC_MARKS = Symbol('SYNC_MARKS');

/** Organizations of one connection. */
const MOST_ORGANIZATIONS = 100;

const ALL = `
SELECT c.id, c.name, coalesce(c.idp_sync, '{}') AS digests,
       ARRAY(SELECT DISTINCT f.value::text FROM bridge.owned_facts f
              WHERE f.kind = 'organization'
                AND f.target_id IN (SELECT s.user_id FROM bridge.subjects s WHERE s.connection_id = c.id)
              ORDER BY 1 LIMIT ${MOST_ORGANIZATIONS}) AS organizations
  FROM bridge.connections c
 WHERE EXISTS (SELECT FROM bridge.subjects s WHERE s.connection_id = c.id AND s.user_id IS NOT NULL)
 ORDER BY c.id`;

/** {@link SyncMarks} over SQL. */
export class SqlSyncMarks implements SyncMarks {
  constructor(private readonly database: Database) {}

  all(): Promise<readonly SyncMark[]> {
    return this.database.query<SyncMark>(ALL);
  }

  async changed(connectionId: string): Promise<void> {
    await this.database.query(
      'UPDATE bridge.connections SET idp_sync_changed_at = now() WHERE id = $1::uuid',
      [connectionId],
    );
  }

  async remember(connectionId: string, digests: Readonly<Record<string, string>>): Promise<void> {
    await this.database.query('UPDATE bridge.connections SET idp_sync = $2::jsonb WHERE id = $1::uuid', [
      connectionId,
      JSON.stringify(digests),
    ]);
  }

  async claimants(connectionId: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT DISTINCT s.user_id AS id FROM bridge.subjects s JOIN bridge.users u ON u.id = s.user_id
        WHERE s.connection_id = $1::uuid AND u.deleted_at IS NULL ORDER BY s.user_id`,
      [connectionId],
    );
    return rows.map(({ id }) => id);
  }
}
