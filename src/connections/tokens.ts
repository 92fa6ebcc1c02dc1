import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { newId, systemClock } from '../common/index.js';
import type { Clock } from '../common/index.js';
import { UniqueViolation } from '../database/index.js';
import type { Database } from '../database/index.js';

/** Whose token was presented. */
export interface TokenHolder {
  readonly connectionId: string;
  readonly tokenId: string;
  readonly label: string;
}

/** Begins every token that the bridge makes, so that scanners for leaked secrets know it. */
export const TOKEN_PREFIX = 'idpb_';

/** Label of the token that SCIM_TOKEN states. */
export const CONFIGURED_LABEL = 'SCIM_TOKEN';

/** How long an answer is believed, milliseconds: the longest time that a revoked token still works. */
const CACHE_MS = 5_000;
/** A longer one is no token of anybody's and is not even hashed. */
const LONGEST_TOKEN = 4_096;

interface TokenRow {
  readonly id: string;
  readonly connectionId: string;
  readonly label: string;
  readonly hash: Uint8Array;
  readonly expiresAt: Date | null;
}

interface Cached {
  readonly row: TokenRow;
  readonly until: number;
}

const FIND = {
  name: 'tokens.find',
  text: `SELECT id, connection_id AS "connectionId", label, hash, expires_at AS "expiresAt"
FROM bridge.tokens WHERE hash = $1 AND revoked_at IS NULL`,
};

/** Bearer tokens of connections. The database holds their SHA-256 only: each has 256 random bits, so no salt is needed. */
export class Tokens {
  /** Holds tokens that are good only: guesses neither fill it nor push anything out. */
  private readonly cache = new Map<string, Cached>();
  /** Raised whenever the cache is emptied: a lookup that began before it must not fill it again. */
  private generation = 0;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * Whose the token is; null for an unknown, revoked or expired one. Asks the database at most once every 5 s for
   * each good token.
   *
   * @throws DatabaseUnavailable
   */
  async check(presented: string): Promise<TokenHolder | null> {
    if (presented.length === 0 || presented.length > LONGEST_TOKEN) return null;
    const hash = hashOf(presented);
    const row = await this.find(hash);
    // The index found it by a comparison that ends at the first difference; what counts is this one.
    if (!row || row.hash.length !== hash.length || !timingSafeEqual(row.hash, hash)) return null;
    if (row.expiresAt && row.expiresAt.getTime() <= this.clock.now()) return null;
    return { connectionId: row.connectionId, tokenId: row.id, label: row.label };
  }

  /** Makes a token. Its text is answered this once and stored nowhere. */
  async issue(
    connectionId: string,
    label: string,
    expiresAt: Date | null = null,
  ): Promise<{ readonly id: string; readonly token: string }> {
    const token = newToken();
    const id = newId();
    await this.insert(id, connectionId, label, hashOf(token), expiresAt);
    return { id, token };
  }

  /** Ends a token; answers whether it was alive. Other replicas follow when their cache is over (5 s). */
  async revoke(tokenId: string): Promise<boolean> {
    const rows = await this.database.query(
      'UPDATE bridge.tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING id',
      [tokenId],
    );
    this.forget();
    return rows.length > 0;
  }

  /**
   * Makes the configured token valid, and every other one that was configured before invalid. Without one all of
   * them end. Tokens that were issued otherwise are not touched.
   *
   * @throws Error when the token belongs to another connection
   */
  async ensureConfigured(connectionId: string, token: string | undefined): Promise<void> {
    const hash = token === undefined ? null : hashOf(token);
    await this.database.transaction(async (tx) => {
      await tx.query(
        `UPDATE bridge.tokens SET revoked_at = now()
         WHERE connection_id = $1 AND label = $2 AND revoked_at IS NULL AND hash IS DISTINCT FROM $3::bytea`,
        [connectionId, CONFIGURED_LABEL, hash],
      );
      if (!hash) return;
      const [row] = await tx.query(
        `INSERT INTO bridge.tokens (id, connection_id, label, hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hash) DO UPDATE SET revoked_at = NULL, expires_at = NULL, label = excluded.label
         WHERE tokens.connection_id = excluded.connection_id RETURNING id`,
        [newId(), connectionId, CONFIGURED_LABEL, hash],
      );
      if (!row) throw new Error('SCIM_TOKEN is the token of another connection; each needs its own');
    });
    this.forget();
  }

  /**
   * The token of a first start: made when the connection has never had one, else undefined. To be shown to the
   * person once.
   */
  async ensureFirst(connectionId: string): Promise<string | undefined> {
    const token = newToken();
    const rows = await this.database.query(
      `INSERT INTO bridge.tokens (id, connection_id, label, hash) SELECT $1, $2, 'first start', $3
       WHERE NOT EXISTS (SELECT 1 FROM bridge.tokens WHERE connection_id = $2) RETURNING id`,
      [newId(), connectionId, hashOf(token)],
    );
    return rows.length > 0 ? token : undefined;
  }

  private async insert(
    id: string,
    connectionId: string,
    label: string,
    hash: Buffer,
    expiresAt: Date | null,
  ): Promise<void> {
    try {
      await this.database.query(
        'INSERT INTO bridge.tokens (id, connection_id, label, hash, expires_at) VALUES ($1, $2, $3, $4, $5)',
        [id, connectionId, label, hash, expiresAt],
      );
    } catch (error) {
      if (error instanceof UniqueViolation) throw new Error('the token exists already', { cause: error });
      throw error;
    }
    this.forget();
  }

  private async find(hash: Buffer): Promise<TokenRow | null> {
    // The cache is keyed by the hash, so that no token lies in memory longer than its request.
    const key = hash.toString('base64');
    const cached = this.cache.get(key);
    if (cached && cached.until > this.clock.monotonic()) return cached.row;
    const generation = this.generation;
    const [row = null] = await this.database.query<TokenRow>(FIND, [hash]);
    if (!row) this.cache.delete(key);
    else if (generation === this.generation) {
      this.cache.set(key, { row, until: this.clock.monotonic() + CACHE_MS });
    }
    return row;
  }

  private forget(): void {
    this.generation++;
    this.cache.clear();
  }
}

/** A new token: the prefix and 32 random bytes, base64url. */
export function newToken(): string {
  return TOKEN_PREFIX + randomBytes(32).toString('base64url');
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}
