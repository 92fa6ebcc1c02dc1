import type { Credentials, Verdict } from '../../../connections/index.js';

/** What this room needs of the connections: whether a request may pass, in a time that tells nothing of its token. */
export interface AccessCheck {
  /** At once where the token is known; never throws, but may reject with DatabaseUnavailable. */
  admit(credentials: Credentials): Verdict | Promise<Verdict>;
}

/** Injection token of the {@link AccessCheck}. */
export const ACCESS_CHECK = Symbol('ACCESS_CHECK');
