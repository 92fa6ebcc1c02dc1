import { createHash } from 'node:crypto';
import { decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import type { Clock, JsonObject } from '../../common/index.js';
import type { OidcConfig } from '../../config/index.js';
import { sameSecret } from '../../connections/index.js';
import { badToken, Refusal } from '../refusal.js';
import { issuerOf, issuersOf } from './issuers.js';
import { SignedJwts } from './signed-jwt.js';

/** OpenID Connect Core 1.0 section 2: `sub` has 255 ASCII characters at most. */
const LONGEST_SUBJECT = 255;
/** OpenID Connect Back-Channel Logout 1.0 section 2.4: what must never be taken for an ID token. */
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** A token whose signature, issuer, audience and time are good. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly subject: string;
  readonly issuedAt: Date;
  /** All of it, the protocol's own claims too. */
  readonly payload: JsonObject;
}

/** What else a token must fit. */
export interface Expected {
  /** The nonce that it was asked for with. */
  readonly nonce?: string;
  /** The access token that came with it. */
  readonly accessToken?: string;
}

/** ID tokens of one provider (OpenID Connect Core 1.0 section 3.1.3.7, RFC 8725). */
export class IdTokenVerifier {
  private readonly issuers: readonly string[];
  private readonly parties: readonly string[];
  private readonly jwts: SignedJwts;

  constructor(
    private readonly config: OidcConfig,
    keyFor: JWTVerifyGetKey,
    clock: Clock,
  ) {
    const { audiences, clientId } = config;
    this.jwts = new SignedJwts(config, keyFor, clock);
    this.issuers = issuersOf(config);
    this.parties = [...audiences, ...(clientId === undefined ? [] : [clientId])];
  }

  /** @throws Refusal with what is wrong, and never with what the token says */
  async verify(token: string, expected: Expected = {}): Promise<VerifiedToken> {
    this.checkNonceIsKnown(expected);
    const payload = await this.signed(token, ['jwt'], this.config.audiences);
    this.checkParties(payload);
    checkNonce(payload, expected);
    checkAccessToken(token, payload, expected);
    return this.verified(payload);
  }

  /**
   * A JWT as an access token (RFC 9068, and what was there before it): of this issuer, and given to one of the clients.
   *
   * @returns its issuer
   * @throws Refusal
   */
  async verifyAccessToken(token: string): Promise<string> {
    const payload = await this.signed(token, ['jwt', 'at+jwt', 'application/at+jwt']);
    const holders = [payload['azp'], payload['client_id'], payload['cid'], payload['appid'], payload.aud];
    if (!this.isForUs(holders)) throw badToken('the access token was given to another client');
    return payload.iss ?? this.config.issuer;
  }

  /** Whether one of these names this bridge's client, or an audience that it accepts. */
  isForUs(holders: readonly unknown[]): boolean {
    return holders.flat().some((holder) => typeof holder === 'string' && this.parties.includes(holder));
  }

  private signed(token: string, types: readonly string[], audience?: readonly string[]): Promise<JWTPayload> {
    const checks = audience === undefined ? {} : this.ofIdTokens(audience);
    return this.jwts.payloadOf(token, { name: 'an ID token', types, issuers: this.issuers, checks });
  }

  /** What an ID token says may be over by now; an access token only leads to what the provider says now. */
  private ofIdTokens(audience: readonly string[]): JWTVerifyOptions {
    const { maxAgeMinutes } = this.config;
    return {
      audience: [...audience],
      requiredClaims: ['exp', 'iat', 'sub'],
      maxTokenAge: maxAgeMinutes * 60,
    };
  }

  private checkNonceIsKnown({ nonce }: Expected): void {
    if (this.config.nonce === 'required' && nonce === undefined)
      throw new Refusal('invalid_request', 'expected nonce: the one that the token was asked for with');
  }

  private checkParties(payload: JWTPayload): void {
    const azp = payload['azp'];
    if (Array.isArray(payload.aud) && payload.aud.length > 1 && azp === undefined)
      throw badToken('the token is for several audiences, and has no azp');
    if (azp !== undefined && !this.isForUs([azp]))
      throw badToken('the token was given to another client (azp)');
    const { events } = payload;
    if (typeof events === 'object' && events !== null && LOGOUT_EVENT in events)
      throw badToken('the token is a logout token; expected an ID token');
    if (this.config.tenants.length > 0 && payload.iss !== issuerOf(this.config.issuer, payload['tid']))
      throw badToken('the token is of another tenant than its issuer');
  }

  private verified(payload: JWTPayload): VerifiedToken {
    const { iss, sub, iat } = payload;
    if (iss === undefined || iat === undefined) throw badToken('the token cannot be read');
    return {
      issuer: iss,
      subject: subjectOf(sub),
      issuedAt: new Date(iat * 1_000),
      payload: payload as JsonObject,
    };
  }
}

/** @throws Refusal where it is none that can be kept */
export function subjectOf(sub: unknown): string {
  const usable = typeof sub === 'string' && /^[\x20-\x7e]+$/.test(sub) && sub.length <= LONGEST_SUBJECT;
  if (!usable) throw badToken(`the sub is no text of 1 to ${LONGEST_SUBJECT} ASCII characters`);
  return sub;
}

function checkNonce({ nonce: stated }: JWTPayload, { nonce }: Expected): void {
  if (nonce === undefined) return;
  if (typeof stated !== 'string' || !sameSecret(stated, nonce))
    throw badToken('the token has another nonce than it was asked for with');
}

/** OpenID Connect Core 1.0 section 3.1.3.8: half of the access token's digest, by the hash of the signature's algorithm. */
function checkAccessToken(token: string, { at_hash: stated }: JWTPayload, { accessToken }: Expected): void {
  if (accessToken === undefined || stated === undefined) return;
  const { alg = '' } = decodeProtectedHeader(token);
  const bits = /^(?:RS|PS|ES)(256|384|512)$/.exec(alg)?.[1] ?? '512';
  const digest = createHash(`sha${bits}`).update(accessToken).digest();
  if (stated !== digest.subarray(0, digest.length / 2).toString('base64url'))
    throw badToken('the access token is not the one that came with the ID token (at_hash)');
}
