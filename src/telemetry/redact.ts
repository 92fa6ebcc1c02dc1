const CENSOR = '[redacted]';
const DEEPEST = 6;
const WIDEST = 100;
const LONGEST = 4096;

/** Keys (folded, without `-` and `_`) whose values are secrets. */
const SECRETS = /(?:authorization|cookie|password|secret|token|tokenhash|credentials|apikey)$/;

/** Keys (folded, without `-` and `_`) whose values are about a person. */
const PERSONAL = new Set([
  'username',
  'email',
  'emails',
  'displayname',
  'fullname',
  'name',
  'givenname',
  'familyname',
  'formatted',
  'nickname',
  'phonenumbers',
  'addresses',
  'externalid',
  'personal',
  'document',
  'body',
]);

/** `Bearer x`, `scheme://user:password@`, and email addresses, wherever they stand in a text. Every repetition is bounded. */
const BEARER = /\b(bearer|basic)\s{1,4}[\w.~+/=-]{4,4096}/gi;
const URL_USER = /:\/\/[^\s/@]{1,256}@/g;
const EMAIL = /[\p{L}\p{N}.!#$%&'*+=?^_`{|}~-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,63}/gu;

/** The text without bearer tokens, passwords in URLs and email addresses, cut to 4096 characters. */
export function scrub(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replace(BEARER, `$1 ${CENSOR}`).replace(URL_USER, `://${CENSOR}@`).replace(EMAIL, CENSOR);
}

/** A copy of a line's fields that may be written: by key, by form, and bounded in depth and width. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return clean(fields, 0) as Record<string, unknown>;
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= DEEPEST) return '[deeper]';
  if (value instanceof Error) return cleanError(value, depth);
  if (Array.isArray(value)) return value.slice(0, WIDEST).map((item) => clean(item, depth + 1));
  if (value instanceof Set) return [...value].slice(0, WIDEST).map((item) => clean(item, depth + 1));
  const entries = Object.entries(value).slice(0, WIDEST);
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, isHidden(key) ? hide(inner) : clean(inner, depth + 1)]),
  );
}

/** What helps to find the cause: class, message, stack, codes. Other properties (a driver's row values) stay out. */
function cleanError(error: Error, depth: number): Record<string, unknown> {
  const { code, status, operation } = error as { code?: unknown; status?: unknown; operation?: unknown };
  return {
    type: error.name,
    message: scrub(error.message),
    stack: scrub(error.stack ?? ''),
    ...(code === undefined ? {} : { code: clean(code, depth + 1) }),
    ...(status === undefined ? {} : { status: clean(status, depth + 1) }),
    ...(operation === undefined ? {} : { operation: clean(operation, depth + 1) }),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) }),
  };
}

function isHidden(key: string): boolean {
  const folded = key.toLowerCase().replaceAll(/[-_]/g, '');
  return SECRETS.test(folded) || PERSONAL.has(folded);
}

function hide(value: unknown): unknown {
  return value === undefined || value === null || value === '' ? value : CENSOR;
}
