import type { Deviation } from '../protocol/index.js';

/**
 * Okta's Header-Auth app sends the configured value as it is, and AIW apps put `Bearer ` before it, so that the scheme
 * is missing or doubled by how the admin filled the form:
 *
 *     illegal  Authorization: s3cret
 *     illegal  Authorization: Bearer Bearer s3cret
 *     legal    Authorization: Bearer s3cret
 *
 * @returns the token that was presented; '' for none, which is no token's value
 */
export function presentedToken(authorization: string | undefined): string {
  let rest = (authorization ?? '').trim();
  for (let i = 0; i < 2 && /^bearer(?:\s|$)/i.test(rest); i++) rest = rest.slice('bearer'.length).trim();
  return rest;
}

/** How {@link presentedToken} is told of in the documentation. */
export const oktaBearer: Deviation = {
  name: 'okta-bearer',
  from: ['Okta'],
  illegal: 'Authorization: Bearer Bearer s3cret',
  legal: 'Authorization: Bearer s3cret',
  always: true,
};
