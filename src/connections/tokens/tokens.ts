import { newId, systemClock } from '../../common/index.js';
import type { Clock } from '../../common/index.js';
import type { ConfiguredToken } from '../../config/index.js';
import { UniqueViolation } from '../../database/index.js';
import type { Database } from '../../database/index.js';
import { ensureConfigured } from './configured.js';
import { LastUse } from './last-use.js';
import { TokenLookups, type TokenRow } from './lookups.js';
import { hashOf, newToken, sameDigest } from './secret.js';

/** Whose token was presented. */
export interface TokenHolder {
  readonly connectionId: string;
  readonly tokenId: string;
  readonly label: string;
}

/** How long an answer is believed, milliseconds: the longest time that a revoked token still works. */
const CACHE_MS = 5_000;
/** Tokens that are remembered at once; the longest remembered one makes room. */
const MOST_CACHED = 10_000;
/** A longer one is no token of anybody's and is not even hashed. */
const LONGEST_TOKEN = 4_096;

interface Cached {
  readonly row: TokenRow;
  readonly until: number;
}

/** Bearer tokens of connections. The database holds their SHA-256 only. */
export class Tokens {
  /** Holds tokens that are good only: guesses neither fill it nor push anything out. */
  private readonly cache = new Map<string, Cached>();
  /** Raised whenever the cache is emptied: a lookup that began before it must not fill it again. */
  private generation = 0;
  private readonly lookups: TokenLookups;
  private readonly lastUse: LastUse;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock = systemClock,
  ) {
    this.lookups = new TokenLookups(database);
    this.lastUse = new LastUse(database, clock);
  }

  /**
   * Whose the token is; null for an unknown, revoked or expired one. Asks the database at most once every 5 s for
   * each good token.
   *
   * @param suspect whether who presents it has guessed before: then the question may take a moment longer, and 'busy'
   *   says that too many of them wait
   * @throws DatabaseUnavailable
   */
  async check(presented: string): Promise<TokenHolder | null>;
  async check(presented: string, suspect: boolean): Promise<TokenHolder | null | 'busy'>;
  async check(presented: string, suspect = false): Promise<TokenHolder | null | 'busy'> {
    if (presented.length === 0 || presented.length > LONGEST_TOKEN) return null;
    const hash = hashOf(presented);
    const row = await this.find(hash, suspect);
    if (row === 'full') return 'busy';
    return row ? this.holder(row, hash) : null;
  }

  /** Whose the token is, where that was asked a moment ago; null: {@link check} has to be asked. */
  known(presented: string): TokenHolder | null {
    if (presented.length === 0 || presented.length > LONGEST_TOKEN) return null;
    const hash = hashOf(presented);
    const row = this.remembered(hash.toString('base64'));
    return row ? this.holder(row, hash) : null;
  }

  private holder(row: TokenRow, hash: Buffer): TokenHolder | null {
    // The index found it by a comparison that ends at the first difference; what counts is this one.
    if (!sameDigest(row.hash, hash)) return null;
    if (row.expiresAt && row.expiresAt.getTime() <= this.clock.now()) return null;
    this.lastUse.note(row.id);
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
    try {
      await this.database.query(
        'INSERT INTO bridge.tokens (id, connection_id, label, hash, expires_at) VALUES ($1, $2, $3, $4, $5)',
        [id, connectionId, label, hashOf(token), expiresAt],
      );
    } catch (error) {
      if (error instanceof UniqueViolation) throw new Error('the token exists already', { cause: error });
      throw error;
    }
    this.forget();
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
   * Makes the configured tokens valid, and every other one that was configured before invalid. Tokens that were issued
   * otherwise are not touched.
   *
   * @throws Error when a token belongs to another connection
   */
  async ensureConfigured(connectionId: string, tokens: readonly ConfiguredToken[]): Promise<void> {
    await ensureConfigured(this.database, connectionId, tokens);
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

  /** Writes what is not written yet of last uses. */
  close(): Promise<void> {
    return this.lastUse.flush();
  }

  private async find(hash: Buffer, suspect: boolean): Promise<TokenRow | null | 'full'> {
    // The cache is keyed by the hash, so that no token lies in memory longer than its request.
    const key = hash.toString('base64');
    const known = this.remembered(key);
    if (known) return known;
    const generation = this.generation;
    const row = suspect ? await this.lookups.findGathered(hash) : await this.lookups.find(hash);
    if (row === 'full') return row;
    this.cache.delete(key);
    if (row && generation === this.generation) this.remember(key, row);
    return row;
  }

  private remembered(key: string): TokenRow | undefined {
    const cached = this.cache.get(key);
    return cached && cached.until > this.clock.monotonic() ? cached.row : undefined;
  }

  private remember(key: string, row: TokenRow): void {
    this.cache.set(key, { row, until: this.clock.monotonic() + CACHE_MS });
    const [oldest] = this.cache.keys();
    if (this.cache.size > MOST_CACHED && oldest !== undefined) this.cache.delete(oldest);
  }

  private forget(): void {
    this.generation++;
    this.cache.clear();
  }
}
