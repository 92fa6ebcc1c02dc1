import { newId } from '../../common/index.js';
import type { ConfiguredToken } from '../../config/index.js';
import type { Database, Queryable } from '../../database/index.js';
import { hashOf } from './secret.js';

/**
 * Brings the tokens that the configuration states into the database, in one transaction.
 *
 * @throws Error when a token belongs to another connection
 */
export function ensureConfigured(
  database: Database,
  connectionId: string,
  tokens: readonly ConfiguredToken[],
): Promise<void> {
  return database.transaction(async (tx) => {
    const kept = tokens.map(({ token }) => hashOf(token).toString('base64'));
    await tx.query(
      `UPDATE bridge.tokens SET revoked_at = now()
       WHERE connection_id = $1 AND kind = 'configured' AND revoked_at IS NULL
         AND hash NOT IN (SELECT decode(h, 'base64') FROM jsonb_array_elements_text($2::jsonb) AS h)`,
      [connectionId, JSON.stringify(kept)],
    );
    for (const token of tokens) await ensureOne(tx, connectionId, token);
  });
}

async function ensureOne(
  tx: Queryable,
  connectionId: string,
  { label, token, expiresAt }: ConfiguredToken,
): Promise<void> {
  const [row] = await tx.query(
    `INSERT INTO bridge.tokens (id, connection_id, label, hash, expires_at, kind) VALUES ($1, $2, $3, $4, $5, 'configured')
     ON CONFLICT (hash) DO UPDATE
       SET revoked_at = NULL, expires_at = excluded.expires_at, label = excluded.label, kind = excluded.kind
     WHERE tokens.connection_id = excluded.connection_id RETURNING id`,
    [newId(), connectionId, label, hashOf(token), expiresAt ?? null],
  );
  if (!row) {
    throw new Error(
      label === 'SCIM_TOKEN'
        ? 'SCIM_TOKEN is the token of another connection; each needs its own'
        : `the configured token "${label}" is the token of another connection; each needs its own`,
    );
  }
}
