import {
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import type { Clock } from '../../common/index.js';
import type { OidcConfig } from '../../config/index.js';
import { looksLikeJwt } from '../../connections/index.js';
import { badToken } from '../refusal.js';
import { refusalOf } from './jose-errors.js';

/** Characters of a token: with so many groups providers send a reference instead. */
export const LONGEST_TOKEN = 16_384;

/** What a JWT of one kind must be. */
export interface JwtKind {
  /** What it is called in a refusal. */
  readonly name: string;
  /** `typ` that it may have, in lower case; one that has none is a `jwt`. */
  readonly types: readonly string[];
  readonly issuers: readonly string[];
  readonly checks: JWTVerifyOptions;
}

/** Verifies what the provider of a connection signed (RFC 7519, RFC 8725). */
export class SignedJwts {
  constructor(
    private readonly config: Pick<OidcConfig, 'algorithms' | 'clockSkewSeconds'>,
    private readonly keyFor: JWTVerifyGetKey,
    private readonly clock: Clock,
  ) {}

  /** @throws Refusal with what is wrong, and never with what the token says */
  async payloadOf(token: string, kind: JwtKind): Promise<JWTPayload> {
    if (token.length > LONGEST_TOKEN) throw badToken(`the token is larger than ${LONGEST_TOKEN} characters`);
    if (!looksLikeJwt(token)) throw badToken('the token is no signed JWT');
    try {
      this.checkHeader(token, kind);
      // Unproven: only so that keys are not asked for on behalf of another issuer's tokens.
      if (!kind.issuers.includes(decodeJwt(token).iss ?? ''))
        throw badToken('the token is of another issuer');
      const { payload } = await jwtVerify(token, this.keyFor, {
        issuer: [...kind.issuers],
        algorithms: [...this.config.algorithms],
        clockTolerance: this.config.clockSkewSeconds,
        requiredClaims: ['exp'],
        ...kind.checks,
        currentDate: new Date(this.clock.now()),
      });
      return payload;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Keys that a header brings or names by URL (`jwk`, `jku`, `x5c`, `x5u`) are never looked at: RFC 8725 section 3.10. */
  private checkHeader(token: string, { name, types }: JwtKind): void {
    const { alg, typ = 'JWT' } = decodeProtectedHeader(token);
    if (alg === undefined || !this.config.algorithms.includes(alg))
      throw badToken(
        `the token is signed by an algorithm that is not accepted; accepted: ${this.config.algorithms.join(', ')}`,
      );
    // RFC 8725 section 3.11: a token of another kind must not pass for this one.
    if (typeof typ !== 'string' || !types.includes(typ.toLowerCase()))
      throw badToken(`the token is of another kind; expected ${name}`);
  }
}
