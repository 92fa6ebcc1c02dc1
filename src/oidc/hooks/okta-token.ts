import type { JsonObject } from '../../common/index.js';
import type { OidcConfig } from '../../config/index.js';
import { statementOf, type ReadStatement } from '../read/statement.js';
import { fromBody, memberOf, NO_OBJECT, objectAt, textAt, timeAt, unusable } from './body.js';

const EVENT = 'com.okta.oauth2.tokens.transform';
/** An access token's own, whose `sub` is a login and not the id (Okta's custom authorization servers). */
const OF_ACCESS = new Set(['sub', 'cid', 'uid', 'scp', 'scope', 'client_id']);

/**
 * What Okta's token inline hook says of the person who logs in: the claims of the ID token and the access token that are about to
 * be issued.
 *
 * @returns null where it is about nobody (client credentials), or about a client whose tokens do not count either
 * @throws Refusal invalid_request
 */
export function readOktaToken(body: JsonObject, config: OidcConfig, now: number): ReadStatement | null {
  if (memberOf(body, 'eventType') !== EVENT) throw unusable(`expected the eventType ${EVENT}`);
  const [identity, access, context] = [
    objectAt(body, 'data', 'identity', 'claims'),
    objectAt(body, 'data', 'access', 'claims'),
    objectAt(body, 'data', 'context'),
  ];
  const subject = textAt(objectAt(context, 'user'), 'id');
  if (subject === null) return null;
  const client =
    textAt(objectAt(context, 'protocol', 'client'), 'id') ??
    textAt(access, 'cid') ??
    textAt(identity, 'aud') ??
    '';
  if (client !== config.clientId && !config.audiences.includes(client)) return null;
  const issuers = [
    memberOf(identity, 'iss'),
    memberOf(access, 'iss'),
    memberOf(objectAt(context, 'protocol', 'issuer'), 'uri'),
  ].filter((issuer) => issuer !== undefined && issuer !== null);
  if (issuers.length === 0 || issuers.some((issuer) => issuer !== config.issuer))
    throw unusable('the claims are of another issuer than this connection’s');
  const stated = memberOf(identity, 'sub');
  if (stated !== undefined && stated !== subject)
    throw unusable('the claims are of another user than the context');
  const others = Object.fromEntries(Object.entries(access).filter(([name]) => !OF_ACCESS.has(name)));
  const statement = fromBody(() =>
    statementOf(
      {
        issuer: config.issuer,
        subject,
        issuedAt: issuedAt(body, config, now),
        token: { ...others, ...identity, sub: subject },
        userinfo: NO_OBJECT,
      },
      config,
    ),
  );
  const login = textAt(objectAt(context, 'user', 'profile'), 'login');
  const { person } = statement;
  return { ...statement, person: { ...person, userName: person.userName ?? login } };
}

/** In whole seconds, as the `iat` of the token that follows: that one must not count as older. */
function issuedAt(body: JsonObject, { clockSkewSeconds, maxAgeMinutes }: OidcConfig, now: number): Date {
  const at = timeAt(body, 'eventTime')?.getTime() ?? now;
  if (at > now + clockSkewSeconds * 1_000) throw unusable('the eventTime is in the future');
  if (at < now - maxAgeMinutes * 60_000) throw unusable('the eventTime is too long ago');
  return new Date(Math.floor(at / 1_000) * 1_000);
}
