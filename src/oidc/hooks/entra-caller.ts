import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../common/index.js';
import type { EntraHook } from '../../config/index.js';
import { badToken } from '../refusal.js';
import { issuerOf, issuersOf } from '../verify/issuers.js';
import { SignedJwts, type JwtKind } from '../verify/signed-jwt.js';

/** Entra ID's own application that calls custom authentication extensions, in every tenant. */
const AUTHENTICATION_EVENTS = '99045fe1-7639-4a75-9d4a-577b6ca3810f';

/** Whether it is Entra ID that calls: by its token for the application that the extension was registered with. */
export class EntraCaller {
  private readonly jwts: SignedJwts;
  private readonly kind: JwtKind;

  constructor(
    private readonly hook: EntraHook,
    clockSkewSeconds: number,
    keyFor: JWTVerifyGetKey,
    clock: Clock,
  ) {
    this.jwts = new SignedJwts({ algorithms: ['RS256'], clockSkewSeconds }, keyFor, clock);
    this.kind = {
      name: 'an access token',
      types: ['jwt', 'at+jwt'],
      issuers: issuersOf(hook),
      checks: { audience: [...hook.audiences] },
    };
  }

  /**
   * @returns the tenant that calls
   * @throws Refusal
   */
  async verify(authorization: string | undefined): Promise<string> {
    const token = /^bearer +([\w.-]+) *$/i.exec(authorization ?? '')?.[1] ?? '';
    return this.tenantOf(await this.jwts.payloadOf(token, this.kind));
  }

  /** azp of tokens of version 2, appid of version 1. */
  private tenantOf({ iss, azp, appid, tid }: JWTPayload): string {
    if ((azp ?? appid) !== AUTHENTICATION_EVENTS)
      throw badToken('the token was given to another application');
    const tenant = typeof tid === 'string' ? tid.toLowerCase() : '';
    if (!this.hook.tenants.includes(tenant) || iss !== issuerOf(this.hook.issuer, tenant))
      throw badToken('the token is of another tenant than its issuer');
    return tenant;
  }
}
