import { DatabaseUnavailable, DirectoryError } from '../directory/index.js';

/** What went wrong, for programs: names of RFC 6749 and RFC 6750 where they have one. */
export type RefusalCode =
  | 'invalid_request'
  | 'invalid_token'
  | 'not_found'
  | 'replayed'
  | 'slow_down'
  | 'temporarily_unavailable'
  | 'too_large';

const STATUS: Readonly<Record<RefusalCode, number>> = {
  invalid_request: 400,
  invalid_token: 401,
  not_found: 404,
  replayed: 409,
  slow_down: 429,
  temporarily_unavailable: 503,
  too_large: 413,
};

/** A request that is refused, in words that repeat nothing of a token. */
export class Refusal extends Error {
  readonly status: number;

  constructor(
    readonly code: RefusalCode,
    readonly description: string,
    /** After how many seconds it may be tried again. */
    readonly retryAfter?: number,
    options: ErrorOptions = {},
  ) {
    super(description, options);
    this.name = 'Refusal';
    this.status = STATUS[code];
  }
}

/** The token cannot be accepted. */
export function badToken(description: string): Refusal {
  return new Refusal('invalid_token', description);
}

/** The provider cannot be asked now. */
export function unavailable(description: string, cause: unknown): Refusal {
  return new Refusal('temporarily_unavailable', description, 5, { cause });
}

/** What the directory could not do, as a refusal; undefined: something else. */
export function directoryRefusal(error: unknown): Refusal | undefined {
  if (error instanceof DatabaseUnavailable)
    return new Refusal('temporarily_unavailable', 'the database cannot be reached now; try again', 5);
  return error instanceof DirectoryError && error.code === 'invalidValue'
    ? badToken('the directory cannot keep what the token says')
    : undefined;
}

/** What a log may say of an error and of what caused it: words of this program and its libraries, and no answer's content. */
export function reasonsOf(error: unknown): readonly string[] {
  const reasons: string[] = [];
  for (let at = error; at instanceof Error && reasons.length < 5; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? ` (${at.code})` : '';
    reasons.push(`${at.name}: ${at.message}${code}`);
  }
  return reasons;
}
