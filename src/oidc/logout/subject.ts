import { isJsonObject } from '../../common/index.js';
import type { OidcConfig } from '../../config/index.js';
import type { LoggedOutPerson } from '../../directory/index.js';
import { Refusal } from '../refusal.js';
import { issuersOf, organizationOf } from '../verify/issuers.js';
import { subjectOf } from '../verify/id-token.js';

/** RFC 5321 section 4.5.3.1: what an address has at most, with some room. */
const LONGEST_EMAIL = 320;

/**
 * Whom a Universal Logout is about: a subject identifier (RFC 9493), by address or by issuer and subject.
 *
 * @returns null where it is a person of another issuer
 * @throws Refusal where it is none
 */
export function personIn(body: unknown, config: OidcConfig): LoggedOutPerson | null {
  const id = isJsonObject(body) ? (body['sub_id'] ?? body['subject']) : undefined;
  if (!isJsonObject(id)) throw unusable('expected a JSON object with sub_id');
  const { format, email, iss, sub } = id;
  if (format === 'email') {
    if (typeof email !== 'string' || !email.includes('@') || email.length > LONGEST_EMAIL)
      throw unusable('the email of sub_id is no address');
    return { email };
  }
  if (format !== 'iss_sub') throw unusable('the format of sub_id is none of email, iss_sub');
  const subject = textOf(sub);
  if (typeof iss !== 'string') throw unusable('the iss of sub_id is no text');
  if (![...issuersOf(config), organizationOf(config.issuer)].includes(iss)) return null;
  return { subject, externalIds: config.externalIdClaims.includes('sub') ? [subject] : [] };
}

function textOf(sub: unknown): string {
  try {
    return subjectOf(sub);
  } catch (error) {
    throw error instanceof Refusal ? unusable(error.description) : error;
  }
}

function unusable(description: string): Refusal {
  return new Refusal('invalid_request', description);
}
