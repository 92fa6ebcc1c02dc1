import type { Database } from '../../database/index.js';

/** A token as people see it: everything but the token. */
export interface TokenEntry {
  readonly id: string;
  readonly connection: string;
  readonly label: string;
  /** `issued` by a person or at the first start, or `configured` by the environment or the file. */
  readonly kind: 'issued' | 'configured';
  readonly state: 'active' | 'expired' | 'revoked';
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** To the minute; null: never. */
  readonly lastUsedAt: Date | null;
}

/** Tokens shown at once. */
const MOST_SHOWN = 1_000;

/** The tokens of one connection, or of all, newest first; access tokens of OAuth clients are not among them. */
export function listTokens(database: Database, connection?: string): Promise<TokenEntry[]> {
  return database.query<TokenEntry>(
    `SELECT t.id, c.name AS connection, t.label, t.kind,
       CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= now() THEN 'expired' ELSE 'active' END AS state,
       t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt"
     FROM bridge.tokens t JOIN bridge.connections c ON c.id = t.connection_id
     WHERE t.kind <> 'access' AND ($1::text IS NULL OR c.name = $1)
     ORDER BY t.created_at DESC, t.id DESC LIMIT ${MOST_SHOWN}`,
    [connection ?? null],
  );
}
