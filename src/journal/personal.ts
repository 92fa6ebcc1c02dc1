import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';

/** What lies in the erasable column: the values, and the salt that goes with them. */
export interface PersonalColumn {
  /** 16 random bytes, base64url. */
  readonly salt: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Splits personal values into what may be erased and what stays. The digest is SHA-256 over the salt and the
 * canonical JSON of the values: as long as the values are there it proves them unchanged, and when they are erased,
 * the salt with them, nobody can find them out by trying.
 */
export function sealPersonal(
  values: Readonly<Record<string, unknown>>,
  salt: Buffer = newSalt(),
): { readonly column: PersonalColumn; readonly digest: Buffer } {
  return { column: { salt: salt.toString('base64url'), values }, digest: digestOf(values, salt) };
}

const SALT = 16;
/** Randomness is had cheaper for many salts at once. */
const pool = Buffer.alloc(256 * SALT);
let used = pool.length;

function newSalt(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const salt = Buffer.from(pool.subarray(used, used + SALT));
  // No salt lies in memory longer than what it is for.
  pool.fill(0, used, used + SALT);
  used += SALT;
  return salt;
}

/** Whether the values are those that the digest was made of. */
export function verifyPersonal(column: PersonalColumn, digest: Uint8Array): boolean {
  const expected = digestOf(column.values, Buffer.from(column.salt, 'base64url'));
  return expected.length === digest.length && timingSafeEqual(expected, digest);
}

function digestOf(values: Readonly<Record<string, unknown>>, salt: Buffer): Buffer {
  // Stored values come back from jsonb, so that what goes in is first made what JSON can hold.
  const stored = storableJson(values);
  const text = isCanonical(values) ? stored : canonicalJson(JSON.parse(stored));
  return hash('sha256', Buffer.concat([salt, Buffer.from(text)]), 'buffer');
}

/** Whether the values are flat and in the order of their names: their JSON is canonical as it is. */
function isCanonical(values: Readonly<Record<string, unknown>>): boolean {
  let before: string | undefined;
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object' && value !== null) return false;
    if (before !== undefined && name < before) return false;
    before = name;
  }
  return true;
}

/** JSON with sorted keys and without white space: one text for one value, whatever order jsonb keeps. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    // Null prototype: a key `__proto__` is data like any other.
    const sorted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const key of Object.keys(item).sort()) sorted[key] = (item as Record<string, unknown>)[key];
    return sorted;
  });
}

/** JSON that jsonb takes: NUL and lone surrogates, which it refuses, become U+FFFD. Keeping a journal must not fail. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  // JSON.stringify writes both as escapes. Without one there is nothing to replace: nearly always.
  return /\\u(?:0000|d[89a-f])/.test(text) ? withoutUnstorable(value) : text;
}

function withoutUnstorable(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' && /[\0\ud800-\udfff]/.test(item) ? replaceUnstorable(item) : item,
  );
}

function replaceUnstorable(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\ufffd');
}
