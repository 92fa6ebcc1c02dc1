import type { ClaimedPerson, ClaimsStatement } from '../../src/common/index.js';
import { newId } from '../../src/common/index.js';

const ISSUER = 'https://idp.example.com';
let seconds = 0;

/** A statement as a face would hand it over; each is newer than the one before. */
export function claimsOf(
  connectionId: string,
  subject: string,
  claims: ClaimsStatement['claims'],
  more: Partial<Omit<ClaimsStatement, 'person'>> & { readonly person?: Partial<ClaimedPerson> } = {},
): ClaimsStatement {
  seconds += 1;
  return {
    connectionId,
    issuer: ISSUER,
    subject,
    issuedAt: new Date(Date.UTC(2026, 0, 1) + seconds * 1_000),
    source: 'token',
    requestId: newId(),
    claims,
    unreadable: {},
    ...more,
    person: {
      externalIds: [],
      email: `${subject}@example.com`,
      emailVerified: true,
      userName: null,
      name: null,
      ...more.person,
    },
  };
}
