import type { IncomingMessage } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import { Caller } from '../rules/permissions.js';
import type { Deployment } from '../state/deployment.js';
import { ApiFailure } from './answers.js';

const NAME = 'coder_session_token';
const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="coder"' };

/**
 * Who asks, by the session token. A dormant owner of a token becomes active by using it.
 * @throws ApiFailure 401 with WWW-Authenticate
 */
export function authenticate(
  deployment: Deployment,
  request: IncomingMessage,
  query: URLSearchParams,
): Caller {
  const { state } = deployment;
  const text = findToken(request, query);
  if (!text) throw signedOut(`Cookie "${NAME}" or query parameter must be provided.`);
  const [id = '', secret = '', ...rest] = text.split('-');
  if (rest.length > 0 || id.length !== 10 || secret.length !== 22) throw signedOut('Invalid API key format.');
  const token = state.tokens.get(id);
  if (!token) throw signedOut('API key is invalid.');
  if (!same(token.secret, secret)) throw signedOut('API key secret is invalid.');
  if (token.expires_at !== undefined && token.expires_at <= deployment.clock.now())
    throw signedOut('API key expired.');
  const user = state.users.get(token.user_id);
  if (!user) throw signedOut('API key is invalid.');
  if (user.status === 'suspended') {
    throw new ApiFailure(
      401,
      `User is not active (status = "${user.status}"). Contact an admin to reactivate your account.`,
      '',
      [],
      CHALLENGE,
    );
  }
  if (user.status !== 'dormant') return new Caller(user, state);
  const woken = { ...user, status: 'active', updated_at: deployment.now() } as const;
  state.apply(['user', woken]);
  return new Caller(woken, state);
}

/** Refuses as for a bad token. */
export function signedOut(detail: string): ApiFailure {
  return new ApiFailure(
    401,
    'You are signed out or your session has expired. Please sign in again to continue.',
    detail,
    [],
    CHALLENGE,
  );
}

/** In Coder's order: cookie, query, header, bearer, `access_token`. */
function findToken(request: IncomingMessage, query: URLSearchParams): string {
  const cookie = (request.headers.cookie ?? '').split(';').find((part) => part.trim().startsWith(`${NAME}=`));
  if (cookie) return cookie.trim().slice(NAME.length + 1);
  const header = request.headers['coder-session-token'];
  const bearer = request.headers.authorization ?? '';
  return (
    query.get(NAME) ||
    (typeof header === 'string' ? header : '') ||
    (bearer.toLowerCase().startsWith('bearer ') ? bearer.slice(7) : '') ||
    (query.get('access_token') ?? '')
  );
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
