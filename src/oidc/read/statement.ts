import type { ClaimedPerson, ClaimsStatement, Json, JsonObject } from '../../common/index.js';
import { badToken } from '../refusal.js';
import { faultOf } from './limits.js';
import type { OidcConfig } from '../../config/index.js';
import { cutOff, leftOut, type Unreadable } from './overage.js';

/** Claims of a token and a session, which say nothing of the person and differ every time (OpenID Connect Core 1.0 section 2). */
const PROTOCOL = new Set([
  ...['iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'nonce', 'azp', 'typ', 'sid', 'ver'],
  ...['at_hash', 'c_hash', 's_hash', 'auth_time', 'acr', 'amr', 'session_state', 'idp'],
  // Entra ID's own.
  ...['aio', 'rh', 'uti', 'ipaddr', 'fwd', 'login_hint', '_claim_names', '_claim_sources', 'hasgroups'],
]);
const isProtocol = (name: string): boolean => PROTOCOL.has(name) || name.startsWith('xms_');

/** The longest value that the directory compares with. */
const LONGEST_ID = 512;

/** What was read of a person: a token's claims, and userinfo's. */
export interface Reading {
  readonly issuer: string;
  readonly subject: string;
  readonly issuedAt: Date;
  readonly token: JsonObject;
  readonly userinfo: JsonObject;
}

/** What is stated of a person: claims, and which of them could not be had. */
export type ReadStatement = Omit<ClaimsStatement, 'connectionId' | 'source' | 'requestId'>;

/**
 * The token's claims merged with userinfo's, which win as at Coder's own login.
 *
 * @throws Refusal where they cannot be kept
 */
export function statementOf(
  reading: Reading,
  { externalIdClaims, groupsCap }: Pick<OidcConfig, 'externalIdClaims' | 'groupsCap'>,
): ReadStatement {
  const { issuer, subject, issuedAt, token, userinfo } = reading;
  for (const claims of [token, userinfo]) {
    const fault = faultOf(claims);
    if (fault !== undefined) throw badToken(fault);
  }
  const all = { ...token, ...userinfo };
  const cut = cutOff(all, groupsCap);
  const isKept = (name: string): boolean => !isProtocol(name) && !Object.hasOwn(cut, name);
  const claims = Object.fromEntries(Object.entries(all).filter(([name]) => isKept(name)));
  const fault = faultOf(claims);
  if (fault !== undefined) throw badToken(fault);
  return {
    issuer,
    subject,
    issuedAt,
    claims,
    unreadable: { ...leftOut(all), ...cut },
    person: personOf(all, subject, externalIdClaims),
  };
}

/** The statement with a claim that was had elsewhere. */
export function withClaim(statement: ReadStatement, name: string, value: Json): ReadStatement {
  const { [name]: _had, ...unreadable } = statement.unreadable;
  return { ...statement, claims: { ...statement.claims, [name]: value }, unreadable };
}

/** The statement with another reason why claims are missing. */
export function withReasons(statement: ReadStatement, reasons: Unreadable): ReadStatement {
  return { ...statement, unreadable: { ...statement.unreadable, ...reasons } };
}

function personOf(claims: JsonObject, subject: string, externalIdClaims: readonly string[]): ClaimedPerson {
  const ids = externalIdClaims.map((name) => (name === 'sub' ? subject : textOf(claims, name)));
  const email = textOf(claims, 'email');
  return {
    externalIds: [...new Set(ids.filter((id) => id !== null))],
    email: email?.includes('@') === true ? email : null,
    emailVerified: isYes(claims, 'email_verified') || isYes(claims, 'xms_edov'),
    // upn: Entra ID's tokens of version 1.
    userName: textOf(claims, 'preferred_username') ?? textOf(claims, 'upn'),
    name: textOf(claims, 'name'),
  };
}

function textOf(claims: JsonObject, name: string): string | null {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_ID ? value : null;
}

/** Some providers write it as a text (Cognito), Entra ID's `xms_edov` also as a number. */
function isYes(claims: JsonObject, name: string): boolean {
  return [true, 'true', 1, '1'].some((yes) => claims[name] === yes);
}
