import { SINCE_2024 } from '../../rules/releases.js';
import { randomText } from '../../rules/secrets.js';
import { type Answer, ApiFailure, badRequest, json, NO_CONTENT } from '../../server/answers.js';
import type { Call, OpenCall, Route } from '../../server/route.js';
import type { OAuthAppRow, OAuthGrantRow } from '../../state/tables.js';

const DAY = 86_400_000;
const notIn = SINCE_2024;

/** Coder as an authorization server; at the root, not below the API. */
export const oauthGrantRoutes: readonly Route[] = [
  { method: 'POST', path: '/oauth2/authorize', notIn, handle: authorize },
  { method: 'POST', path: '/oauth2/tokens', notIn, open: true, handle: exchange },
  { method: 'DELETE', path: '/oauth2/tokens', notIn, handle: revoke },
];

function appOf(call: OpenCall, id: string): OAuthAppRow | undefined {
  return call.state.tables.get('oauthApp', id.toLowerCase());
}

/** RFC 6749 section 4.1: sends the caller back to the application with a code. */
function authorize(call: Call): Answer {
  const app = appOf(call, call.query.get('client_id') ?? '');
  if (!app) throw badRequest('Invalid query params.', '', [{ field: 'client_id', detail: 'it is unknown' }]);
  const faults = ['state', 'response_type'].filter((name) => !call.query.get(name));
  if (faults.length > 0) {
    const rows = faults.map((field) => ({ field, detail: `Query param "${field}" is required` }));
    throw badRequest('Invalid query params.', '', rows);
  }
  const back = new URL(call.query.get('redirect_uri') || app.callback_url);
  if (back.origin !== new URL(app.callback_url).origin) {
    throw badRequest('Invalid query params.', '', [{ field: 'redirect_uri', detail: 'it is not the app’s' }]);
  }
  const code = `coder_${randomText(10)}_${randomText(40)}`;
  const grant = { app_id: app.id, user_id: call.caller.id, kind: 'code', token_id: '' } as const;
  call.state.put('oauthGrant', code, grant);
  back.searchParams.set('code', code);
  back.searchParams.set('state', call.query.get('state') ?? '');
  return { status: 302, headers: { Location: back.href }, body: '' };
}

/** RFC 6749 sections 4.1.3 and 6; a code and a refresh token serve once. */
function exchange(call: OpenCall): Answer {
  const form = new URLSearchParams(call.text);
  const type = form.get('grant_type') ?? 'authorization_code';
  if (type !== 'authorization_code' && type !== 'refresh_token') {
    return refused(400, 'unsupported_grant_type', 'The grant type is not supported');
  }
  const key = form.get(type === 'refresh_token' ? 'refresh_token' : 'code') ?? '';
  const grant = call.state.tables.get('oauthGrant', key);
  const kind = type === 'refresh_token' ? 'refresh' : 'code';
  if (kind === 'code' && !knowsSecret(call, form)) {
    return refused(401, 'invalid_client', 'The client credentials are invalid');
  }
  if (grant?.kind !== kind || (kind === 'code' && grant.app_id !== form.get('client_id')?.toLowerCase())) {
    return refused(400, 'invalid_grant', 'The code or refresh token is invalid or expired');
  }
  call.state.put('oauthGrant', key, null);
  return give(call, grant);
}

function knowsSecret(call: OpenCall, form: URLSearchParams): boolean {
  const app = appOf(call, form.get('client_id') ?? '');
  const rows = call.state.tables.rows('oauthSecret');
  const row = rows.find((one) => one.app_id === app?.id && one.secret === form.get('client_secret'));
  if (row) call.state.put('oauthSecret', row.id, { ...row, last_used_at: call.deployment.now() });
  return row !== undefined;
}

function give(call: OpenCall, grant: OAuthGrantRow): Answer {
  const user = call.state.users.get(grant.user_id);
  if (!user || user.deleted) return refused(400, 'invalid_grant', 'The user is gone');
  if (grant.token_id) call.state.apply(['-token', grant.token_id]);
  const expires = call.deployment.clock.now() + DAY;
  const token = call.deployment.createToken(user, { login_type: 'none', expires_at: expires });
  const refresh = `coder_${randomText(10)}_${randomText(40)}`;
  call.state.put('oauthGrant', refresh, { ...grant, kind: 'refresh', token_id: token.slice(0, 10) });
  return json(200, {
    access_token: token,
    token_type: 'Bearer',
    refresh_token: refresh,
    expires_in: DAY / 1000,
    expiry: new Date(expires).toISOString(),
  });
}

/** RFC 6749 section 5.2 */
function refused(status: number, error: string, description: string): Answer {
  return json(status, { error, error_description: description });
}

/** All tokens that the caller gave the application. */
function revoke(call: Call): Answer {
  const app = appOf(call, call.query.get('client_id') ?? '');
  if (!app) throw new ApiFailure(404, 'Resource not found or you do not have access to this resource');
  for (const [id, grant] of call.state.tables.entries('oauthGrant')) {
    if (grant.app_id !== app.id || grant.user_id !== call.caller.id) continue;
    call.state.put('oauthGrant', id, null);
    if (grant.token_id) call.state.apply(['-token', grant.token_id]);
  }
  return NO_CONTENT;
}
