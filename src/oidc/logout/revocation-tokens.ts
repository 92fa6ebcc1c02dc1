import type { JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../common/index.js';
import type { OidcConfig } from '../../config/index.js';
import { organizationOf } from '../verify/issuers.js';
import { SignedJwts } from '../verify/signed-jwt.js';
import { evidenceOf, type LogoutEvidence } from './evidence.js';

const TYPE = 'global-token-revocation+jwt';
/** Seconds since it was issued. */
const LONGEST_AGE = 300;

/** What Okta authenticates a Universal Logout by: a JWT of the organization for one URL. */
export class RevocationTokens {
  private readonly jwts: SignedJwts;
  private readonly issuer: string;

  /** @param keyFor keys of the organization */
  constructor(
    config: OidcConfig,
    keyFor: JWTVerifyGetKey,
    private readonly clock: Clock,
  ) {
    this.jwts = new SignedJwts(config, keyFor, clock);
    this.issuer = organizationOf(config.issuer);
  }

  /**
   * @param url that was asked, as the configuration has it: a token for one bridge, or one connection, is none for another
   * @throws Refusal with what is wrong, and never with what the token says
   */
  async verify(token: string, url: string): Promise<LogoutEvidence> {
    const payload = await this.jwts.payloadOf(token, {
      name: `a token of type ${TYPE}`,
      types: [TYPE, `application/${TYPE}`],
      issuers: [this.issuer],
      checks: { audience: url, requiredClaims: ['exp', 'iat', 'jti'], maxTokenAge: LONGEST_AGE },
    });
    return evidenceOf(payload, this.clock);
  }
}
