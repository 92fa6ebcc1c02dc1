import type { Database, Statement } from '../../database/index.js';

/** A token that is alive as far as the database knows; it may have expired since. */
export interface TokenRow {
  readonly id: string;
  readonly connectionId: string;
  readonly label: string;
  readonly kind: 'issued' | 'configured' | 'access';
  readonly hash: Uint8Array;
  readonly expiresAt: Date | null;
}

const COLUMNS = `id, connection_id AS "connectionId", label, kind, hash, expires_at AS "expiresAt"`;

const FIND: Statement = {
  name: 'tokens.find',
  text: `SELECT ${COLUMNS} FROM bridge.tokens WHERE hash = $1 AND revoked_at IS NULL`,
};

const FIND_ALL: Statement = {
  name: 'tokens.find-all',
  text: `SELECT ${COLUMNS} FROM bridge.tokens
WHERE hash IN (SELECT decode(h, 'base64') FROM jsonb_array_elements_text($1::jsonb) AS h) AND revoked_at IS NULL`,
};

/** How long questions of suspects are gathered, milliseconds. */
const GATHER_MS = 50;
/** Questions of suspects that wait at once; there is no more room for further ones. */
const MOST_WAITING = 2_000;

interface Waiting {
  readonly hash: Buffer;
  readonly resolve: (row: TokenRow | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Questions of the database: whose is the token with this hash? */
export class TokenLookups {
  private waiting: Waiting[] = [];

  constructor(private readonly database: Database) {}

  /** @throws DatabaseUnavailable */
  async find(hash: Buffer): Promise<TokenRow | null> {
    const [row = null] = await this.database.query<TokenRow>(FIND, [hash]);
    return row;
  }

  /**
   * As {@link find}, for those who have guessed before: their questions are gathered and asked by one statement, so that
   * however many guess, the database is asked twenty times a second. 'full' where no more can wait.
   *
   * @throws DatabaseUnavailable
   */
  findGathered(hash: Buffer): Promise<TokenRow | null | 'full'> {
    if (this.waiting.length >= MOST_WAITING) return Promise.resolve('full');
    return new Promise<TokenRow | null>((resolve, reject) => {
      this.waiting.push({ hash, resolve, reject });
      if (this.waiting.length === 1) setTimeout(() => void this.ask(), GATHER_MS);
    });
  }

  private async ask(): Promise<void> {
    const waiting = this.waiting;
    this.waiting = [];
    try {
      const hashes = waiting.map(({ hash }) => hash.toString('base64'));
      const rows = await this.database.query<TokenRow>(FIND_ALL, [JSON.stringify(hashes)]);
      const found = new Map(rows.map((row) => [Buffer.from(row.hash).toString('base64'), row]));
      for (const [index, { resolve }] of waiting.entries()) resolve(found.get(hashes[index] ?? '') ?? null);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
