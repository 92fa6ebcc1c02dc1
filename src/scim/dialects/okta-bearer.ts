import type { Deviation } from '../protocol/index.js';

/** Longer ones do not fit a header anyway. */
const LONGEST_BASIC = 16_384;

/**
 * Okta's Header-Auth app sends the configured value as it is, and AIW apps put `Bearer ` before it, so that the scheme
 * is missing or doubled by how the admin filled the form:
 *
 *     illegal  Authorization: s3cret
 *     illegal  Authorization: Bearer Bearer s3cret
 *     legal    Authorization: Bearer s3cret
 *
 * The third mode of its form is HTTP Basic (RFC 7617): the password is the token. The user name may be anything; the
 * token's label says more to people.
 *
 *     legal    Authorization: Basic b2t0YTpzM2NyZXQ=
 *
 * @returns the token that was presented; '' for none, which is no token's value
 */
export function presentedToken(authorization: string | undefined): string {
  let rest = (authorization ?? '').trim();
  if (/^basic(?:\s|$)/i.test(rest)) return passwordOf(rest.slice('basic'.length).trim());
  for (let i = 0; i < 2 && /^bearer(?:\s|$)/i.test(rest); i++) rest = rest.slice('bearer'.length).trim();
  return rest;
}

/** What stands after the first colon (a user name has none: RFC 7617 section 2). */
function passwordOf(encoded: string): string {
  if (encoded.length > LONGEST_BASIC || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(encoded)) return '';
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = credentials.indexOf(':');
  return colon < 0 ? '' : credentials.slice(colon + 1);
}

/** How {@link presentedToken} is told of in the documentation. */
export const oktaBearer: Deviation = {
  name: 'okta-bearer',
  from: ['Okta'],
  illegal: 'Authorization: Bearer Bearer s3cret',
  legal: 'Authorization: Bearer s3cret',
  always: true,
};
