import { decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '../../common/index.js';
import type { JwtIssuer } from '../../config/index.js';
import type { FetchKeys } from './fetch-keys.js';
import { KeySet } from './key-set.js';
import { IssuerUnavailable } from './unavailable.js';

/** Longer ones do not fit a header anyway. */
const LONGEST_JWT = 16_384;

/** JWTs of the issuers of one connection, as bearer tokens (RFC 7519, RFC 8725). */
export class JwtVerifier {
  private readonly issuers: readonly { readonly rules: JwtIssuer; readonly keys: KeySet }[];

  constructor(
    issuers: readonly JwtIssuer[],
    fetchKeys: FetchKeys,
    private readonly clock: Clock,
  ) {
    this.issuers = issuers.map((rules) => ({ rules, keys: new KeySet(rules, fetchKeys, clock) }));
  }

  /**
   * Whose token it is: the label of the issuer; null for a bad one.
   *
   * @throws IssuerUnavailable when that cannot be said now
   */
  async verify(token: string): Promise<string | null> {
    const stated = statedIssuer(token);
    let unavailable: IssuerUnavailable | undefined;
    for (const { rules, keys } of this.issuers) {
      if (rules.issuer !== stated) continue;
      try {
        if (await this.isGood(token, rules, keys)) return rules.label;
      } catch (error) {
        if (!(error instanceof IssuerUnavailable)) continue;
        unavailable = error;
      }
    }
    if (unavailable) throw unavailable;
    return null;
  }

  private async isGood(token: string, rules: JwtIssuer, keys: KeySet): Promise<boolean> {
    const { payload } = await jwtVerify(token, keys.keyFor, {
      issuer: rules.issuer,
      audience: [...rules.audiences],
      algorithms: [...rules.algorithms],
      clockTolerance: rules.clockSkewSeconds,
      requiredClaims: ['exp'],
      currentDate: new Date(this.clock.now()),
    });
    return Object.entries(rules.claims).every(([name, wanted]) => has(payload, name, wanted));
  }
}

/** Whether a text has the form of a signed JWT: three parts, and a header that is a JSON object. */
export function looksLikeJwt(text: string): boolean {
  return text.length <= LONGEST_JWT && /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

/** What a token says of itself, unproven: it only chooses whose keys are asked. */
function statedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function has(payload: JWTPayload, name: string, wanted: readonly string[]): boolean {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.some((one) => typeof one === 'string' && wanted.includes(one));
}
