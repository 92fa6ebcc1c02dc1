import type { Database } from '../../database/index.js';
import type { Access } from '../access.js';
import type { Connections, ServedConnection } from '../connections.js';
import { grantAccess } from '../tokens/access-tokens.js';
import { sameSecret } from '../tokens/secret.js';
import { invalidClient, OAuthError, readTokenRequest, type ClientCredentials } from './request.js';

/** What the endpoint answers (RFC 6749 section 5.1). */
export interface AccessTokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
}

/** The token endpoint: client credentials for a short-lived access token of the client's connection. */
export class TokenEndpoint {
  constructor(
    private readonly connections: Connections,
    private readonly database: Database,
    private readonly access: Pick<Access, 'guesses' | 'countRequest'>,
  ) {}

  /** @throws OAuthError, DatabaseUnavailable */
  async grant(authorization: string | undefined, form: string, address: string): Promise<AccessTokenAnswer> {
    const credentials = readTokenRequest(authorization, form);
    const connection = this.connectionOf(credentials);
    if (connection === undefined) throw this.refusal(address);
    // Counted as the connection's requests are: each grant is a row.
    const wait = this.access.countRequest(connection);
    if (wait > 0) throw tooMany('too many requests of the connection', wait);
    const { tokenMinutes } = connection.config.oauth;
    const token = await grantAccess(this.database, {
      connectionId: connection.id,
      clientId: credentials.id,
      secret: credentials.secret,
      minutes: tokenMinutes,
    });
    return { access_token: token, token_type: 'Bearer', expires_in: tokenMinutes * 60 };
  }

  private connectionOf({ id, secret }: ClientCredentials): ServedConnection | undefined {
    let found: ServedConnection | undefined;
    for (const connection of this.connections.served) {
      for (const client of connection.config.oauth.clients) {
        if (client.id !== id) continue;
        // All of them are compared, so that the time tells nothing of which one it was.
        const good = client.secrets.filter((one) => sameSecret(one, secret)).length > 0;
        if (good) found = connection;
      }
    }
    return found;
  }

  private refusal(address: string): OAuthError {
    const wait = this.access.guesses.count(address);
    return wait > 0 ? tooMany('too many wrong secrets', wait) : invalidClient();
  }
}

function tooMany(description: string, waitMs: number): OAuthError {
  return new OAuthError(429, 'temporarily_unavailable', description, {
    'retry-after': String(Math.ceil(waitMs / 1_000)),
  });
}
