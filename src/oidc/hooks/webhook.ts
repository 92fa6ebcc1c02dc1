import { createHmac, timingSafeEqual } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../common/index.js';
import type { OidcConfig } from '../../config/index.js';
import { badToken } from '../refusal.js';
import { statementOf, type ReadStatement } from '../read/statement.js';
import { subjectOf } from '../verify/id-token.js';
import { issuersOf } from '../verify/issuers.js';
import { fromBody, memberOf, NO_OBJECT, textAt, timeAt, unusable } from './body.js';

/** How far the sender's clock may be off, and how long a signature is good. */
export const TOLERANCE_MS = 5 * 60_000;
/** Signatures of one request: one for each secret of the sender, while they are changed. */
const MOST_SIGNATURES = 4;
const MEMBERS = ['issuer', 'subject', 'claims', 'time', 'email', 'email_verified', 'external_id'];

/** A signature that is good. */
export interface Signed {
  readonly at: Date;
  /** The same for the same body and time, whatever else is in the header. */
  readonly id: string;
}

/**
 * Checks `t=<unix seconds>,v1=<hex>`: the HMAC-SHA256 of `<t>.<body>` by one of the secrets.
 *
 * @throws Refusal invalid_token
 */
export function verifySignature(
  header: string | readonly string[] | undefined,
  body: Buffer,
  secrets: readonly string[],
  now: number,
): Signed {
  const { time, signatures } = partsOf(typeof header === 'string' ? header : '');
  let signed: string | undefined;
  // All of them, as the time must not tell which one was near.
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
    for (const signature of signatures)
      if (timingSafeEqual(expected, signature)) signed = expected.toString('base64url');
  }
  if (signed === undefined) throw badToken('the signature is not good');
  const at = new Date(Number(time) * 1_000);
  if (Math.abs(at.getTime() - now) > TOLERANCE_MS)
    throw badToken('the signature is too old, or of the future');
  return { at, id: signed };
}

function partsOf(header: string): { readonly time: string; readonly signatures: readonly Buffer[] } {
  const parts = header.length > 1_024 ? [] : header.split(',').map((part) => part.trim());
  const time = parts.find((part) => /^t=\d{1,11}$/.test(part))?.slice(2);
  const signatures = parts
    .filter((part) => /^v1=[0-9a-f]{64}$/i.test(part))
    .slice(0, MOST_SIGNATURES)
    .map((part) => Buffer.from(part.slice(3), 'hex'));
  if (time === undefined || signatures.length === 0)
    throw badToken('expected the header X-Bridge-Signature: t=<unix seconds>,v1=<hex>');
  return { time, signatures };
}

/**
 * What a signed request says of a person.
 *
 * @param signedAt stands for its time, where it has none of its own
 * @throws Refusal invalid_request
 */
export function readWebhook(
  body: JsonObject,
  config: OidcConfig,
  signedAt: Date,
  now: number,
): ReadStatement {
  if (Object.keys(body).some((name) => !MEMBERS.includes(name)))
    throw unusable(`expected no members but ${MEMBERS.join(', ')}`);
  const stated = memberOf(body, 'issuer');
  if (typeof stated !== 'string' || !issuersOf(config).includes(stated))
    throw unusable('expected issuer: that of this connection');
  const claims = memberOf(body, 'claims');
  if (!isJsonObject(claims)) throw unusable('expected claims: an object');
  const externalId = optionalText(body, 'external_id');
  return fromBody(() => {
    const subject = subjectOf(memberOf(body, 'subject'));
    const token = { ...claims, ...addressOf(body), sub: subject };
    const reading = {
      issuer: stated,
      subject,
      issuedAt: timeOf(body, signedAt, now),
      token,
      userinfo: NO_OBJECT,
    };
    const statement = statementOf(reading, config);
    if (externalId === null) return statement;
    const { person } = statement;
    const externalIds = [...new Set([externalId, ...person.externalIds])];
    return { ...statement, person: { ...person, externalIds } };
  });
}

function addressOf(body: JsonObject): JsonObject {
  const [email, verified] = [optionalText(body, 'email'), memberOf(body, 'email_verified') ?? null];
  if (verified !== null && typeof verified !== 'boolean')
    throw unusable('expected email_verified: true or false');
  // Of an address that is not named here nothing is said.
  if (email === null) return NO_OBJECT;
  return { email, email_verified: verified === true };
}

function timeOf(body: JsonObject, signedAt: Date, now: number): Date {
  if ((memberOf(body, 'time') ?? null) === null) return signedAt;
  const at = timeAt(body, 'time');
  if (at === null) throw unusable('expected time: such as 2026-01-05T09:59:58.123Z');
  if (at.getTime() > now + TOLERANCE_MS) throw unusable('the time is in the future');
  return at;
}

function optionalText(body: JsonObject, name: string): string | null {
  if ((memberOf(body, name) ?? null) === null) return null;
  const text = textAt(body, name);
  if (text === null) throw unusable(`expected ${name}: a text of at most 512 characters`);
  return text;
}
