import { newId } from '../../common/index.js';
import type { OAuthClient } from '../../config/index.js';
import type { Database } from '../../database/index.js';
import { hashOf, newToken } from './secret.js';

/** Makes an access token of an OAuth client, which ends by itself. Its text is answered this once. */
export async function grantAccess(
  database: Database,
  grant: {
    readonly connectionId: string;
    readonly clientId: string;
    readonly secret: string;
    readonly minutes: number;
  },
): Promise<string> {
  const token = newToken();
  await database.query(
    `INSERT INTO bridge.tokens (id, connection_id, label, hash, expires_at, kind, client_id, granted_by)
     VALUES ($1, $2, $3, $4, now() + make_interval(mins => $5::integer), 'access', $6, $7)`,
    [
      newId(),
      grant.connectionId,
      `oauth:${grant.clientId}`,
      hashOf(token),
      grant.minutes,
      grant.clientId,
      hashOf(grant.secret),
    ],
  );
  return token;
}

/** Ends access tokens whose client, or whose client's secret, is configured no more. */
export async function endForeignAccess(
  database: Database,
  connectionId: string,
  clients: readonly OAuthClient[],
): Promise<void> {
  const live = clients.flatMap(({ id, secrets }) =>
    secrets.map((secret) => ({ id, hash: hashOf(secret).toString('base64') })),
  );
  await database.query(
    `UPDATE bridge.tokens t SET revoked_at = now()
     WHERE connection_id = $1 AND kind = 'access' AND revoked_at IS NULL AND NOT EXISTS (
       SELECT FROM jsonb_to_recordset($2::jsonb) AS live(id text, hash text)
       WHERE live.id = t.client_id AND decode(live.hash, 'base64') = t.granted_by)`,
    [connectionId, JSON.stringify(live)],
  );
}

/** Removes access tokens that expired; each lives for hours, so that they would only gather. */
export async function forgetExpiredAccess(database: Database): Promise<void> {
  await database.query(
    `DELETE FROM bridge.tokens WHERE kind = 'access' AND expires_at < now() - interval '1 hour'`,
  );
}
