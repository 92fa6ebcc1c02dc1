import type { JWTPayload } from 'jose';
import type { Clock } from '../../common/index.js';
import { badToken } from '../refusal.js';

const LONGEST_ID = 255;
/** Longer than any token of a logout is accepted. */
const REMEMBERED_MS = 60 * 60_000;

/** What a verified token says of the logout itself. */
export interface LogoutEvidence {
  readonly issuer: string;
  readonly at: Date;
  readonly token: { readonly id: string; readonly expiresAt: Date };
}

/** @throws Refusal where it has no usable jti */
export function evidenceOf({ iss, iat, jti }: JWTPayload, clock: Clock): LogoutEvidence {
  if (iss === undefined || iat === undefined) throw badToken('the token cannot be read');
  if (typeof jti !== 'string' || !/^[\x20-\x7e]+$/.test(jti) || jti.length > LONGEST_ID)
    throw badToken(`the jti is no text of 1 to ${LONGEST_ID} ASCII characters`);
  const now = clock.now();
  // `iat` is the beginning of its second: what was made within it came before the logout, or may have.
  const at = new Date(Math.min(now, Math.floor(iat) * 1_000 + 999));
  return { issuer: iss, at, token: { id: jti, expiresAt: new Date(now + REMEMBERED_MS) } };
}
