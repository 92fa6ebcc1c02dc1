import type { JsonObject } from '../../common/index.js';
import { ERROR_SCHEMA } from './urns.js';

/** The keywords of RFC 7644 section 3.12, table 9. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive';

/**
 * A refusal as it goes over the wire. `detail` is read by the IdP's admin: it says what is wrong and where, without
 * the values of people, stack traces or secrets.
 */
export class ScimError extends Error {
  constructor(
    readonly status: number,
    readonly scimType: ScimType | undefined,
    readonly detail: string,
    /** Headers that belong to the refusal, e.g. `Allow`, `Retry-After`, `WWW-Authenticate`. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'ScimError';
  }

  /** The error message of RFC 7644 section 3.12; `status` is a JSON string there. */
  body(): JsonObject {
    return {
      schemas: [ERROR_SCHEMA],
      status: String(this.status),
      ...(this.scimType === undefined ? {} : { scimType: this.scimType }),
      detail: this.detail,
    };
  }
}

/** 400 with a keyword of table 9. */
export function badRequest(scimType: ScimType, detail: string): ScimError {
  return new ScimError(400, scimType, detail);
}

/** 400 `invalidValue` for the value at `at` (an attribute path as a person would write it). */
export function invalidValue(at: string, problem: string): ScimError {
  return badRequest('invalidValue', `${at}: ${problem}`);
}
