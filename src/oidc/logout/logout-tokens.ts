import type { JWTVerifyGetKey } from 'jose';
import { isJsonObject, type Clock } from '../../common/index.js';
import type { OidcConfig } from '../../config/index.js';
import type { LoggedOutPerson } from '../../directory/index.js';
import { badToken } from '../refusal.js';
import { LOGOUT_EVENT, subjectOf } from '../verify/id-token.js';
import { issuersOf } from '../verify/issuers.js';
import { SignedJwts, type JwtKind } from '../verify/signed-jwt.js';
import { evidenceOf, type LogoutEvidence } from './evidence.js';

/** Seconds since it was issued: providers send it at once, and a few try again. Some leave `exp` out, which drafts had not. */
const LONGEST_AGE = 600;
const LONGEST_SESSION = 255;

/** What a logout token says. */
export interface StatedLogout extends LogoutEvidence {
  readonly person: LoggedOutPerson;
}

/** Logout tokens of one provider (OpenID Connect Back-Channel Logout 1.0 section 2.6). */
export class LogoutTokens {
  private readonly jwts: SignedJwts;
  private readonly kind: JwtKind;

  constructor(
    private readonly config: OidcConfig,
    keyFor: JWTVerifyGetKey,
    private readonly clock: Clock,
  ) {
    this.jwts = new SignedJwts(config, keyFor, clock);
    const { clientId, audiences } = config;
    this.kind = {
      name: 'a logout token',
      // Explicit typing is recommended and newer than most providers.
      types: ['logout+jwt', 'application/logout+jwt', 'jwt'],
      issuers: issuersOf(config),
      checks: {
        audience: clientId ?? [...audiences],
        requiredClaims: ['iat', 'jti', 'events'],
        maxTokenAge: LONGEST_AGE,
      },
    };
  }

  /** @throws Refusal with what is wrong, and never with what the token says */
  async verify(token: string): Promise<StatedLogout> {
    const payload = await this.jwts.payloadOf(token, this.kind);
    const { events, sub, nonce, sid } = payload;
    // Section 2.4: what makes an ID token no logout token, and the other way round.
    if (nonce !== undefined) throw badToken('the token has a nonce, which a logout token must not have');
    if (!isJsonObject(events) || !Object.hasOwn(events, LOGOUT_EVENT) || !isJsonObject(events[LOGOUT_EVENT]))
      throw badToken('the token is no logout token: it has no such event');
    return { ...evidenceOf(payload, this.clock), person: this.personOf(sub, sid) };
  }

  /** Whoever is named loses all sessions, whichever one it was: the bridge does not know them apart. */
  private personOf(sub: unknown, sid: unknown): LoggedOutPerson {
    if (sub !== undefined) {
      const subject = subjectOf(sub);
      return { subject, externalIds: this.config.externalIdClaims.includes('sub') ? [subject] : [] };
    }
    if (typeof sid !== 'string' || sid === '' || sid.length > LONGEST_SESSION)
      throw badToken('the token names nobody: it has no usable sub or sid');
    return { sessionId: sid };
  }
}
