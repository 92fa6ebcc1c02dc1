import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Queryable } from '../../database/index.js';
import { DirectoryError } from '../model.js';
import type { Place } from './keyset.js';

/** What a cursor remembers. */
export interface Remembered {
  /** Null: the beginning of the list. */
  readonly place: Place | null;
  /** Whether the page lies before the place, and not after it. */
  readonly before: boolean;
  /** Rows of all pages, as they were counted for the first one. */
  readonly total: number;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Names what is inside; another form gets another number. */
const FORM = 1;
/** Where the key is kept. */
const SETTING = 'cursor-key';

/**
 * Cursors as clients see them: encrypted and authenticated (AES-256-GCM), so that nobody reads a person's name out of one or
 * makes one up, in characters that need no encoding in a URL (RFC 9865 section 2). A cursor is good for one list of one
 * connection, and for a time. Nothing is kept for it: all that the bridge must know is inside, and every replica has the key.
 */
export class Cursors {
  private key: Promise<Buffer> | undefined;

  constructor(private readonly database: Queryable) {}

  /**
   * @param list says which list it is, and whose: the same for all its pages
   * @param seconds for which the cursor is good
   */
  async seal({ place, before, total }: Remembered, list: string, seconds: number): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, await this.keyOnce(), nonce).setAAD(Buffer.from(list));
    const expires = Date.now() + seconds * 1000;
    const inside = JSON.stringify([FORM, before, place?.id ?? null, place?.key ?? null, total, expires]);
    const sealed = Buffer.concat([nonce, cipher.update(inside, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return sealed.toString('base64url');
  }

  /** @throws DirectoryError invalidCursor, expiredCursor */
  async open(cursor: string, list: string): Promise<Remembered> {
    const sealed = Buffer.from(cursor, 'base64url');
    if (sealed.length <= NONCE_BYTES + TAG_BYTES) throw invalid();
    const decipher = createDecipheriv(CIPHER, await this.keyOnce(), sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(list)).setAuthTag(sealed.subarray(-TAG_BYTES));
    const [form, before, id, key, total, expires] = inside(() =>
      Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]),
    );
    if (form !== FORM) throw invalid();
    if (Date.now() > expires) {
      throw new DirectoryError('expiredCursor', 'cursor: it is too old; begin anew with an empty one');
    }
    return { place: id === null ? null : { id, key }, before, total };
  }

  /** The key, asked for once; again after a failure. */
  private keyOnce(): Promise<Buffer> {
    this.key ??= sharedKey(this.database).catch((error: unknown) => {
      this.key = undefined;
      throw error;
    });
    return this.key;
  }
}

type Inside = [form: number, before: boolean, id: string, key: string | null, total: number, expires: number];

/** What the bridge itself wrote, once its authenticity is shown. */
function inside(decipher: () => Buffer): Inside {
  try {
    return JSON.parse(decipher().toString('utf8')) as Inside;
  } catch {
    throw invalid();
  }
}

function invalid(): DirectoryError {
  return new DirectoryError(
    'invalidCursor',
    'cursor: it was not made for this list; use nextCursor or previousCursor of an answer to the same query, or begin anew',
  );
}

/** The bridge's key for cursors. Of several replicas that begin at once, the first one's holds. */
async function sharedKey(database: Queryable): Promise<Buffer> {
  await database.query(
    'INSERT INTO bridge.settings (key, value) VALUES ($1, $2::jsonb) ON CONFLICT (key) DO NOTHING',
    [SETTING, JSON.stringify(randomBytes(32).toString('base64'))],
  );
  const [row] = await database.query<{ value: string }>('SELECT value FROM bridge.settings WHERE key = $1', [
    SETTING,
  ]);
  if (!row) throw new Error('the key for cursors vanished while it was made');
  return Buffer.from(row.value, 'base64');
}
