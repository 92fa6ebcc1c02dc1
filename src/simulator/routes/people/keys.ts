import { SINCE_2026 } from '../../rules/releases.js';
import { isUsername } from '../../rules/names.js';
import { randomText } from '../../rules/secrets.js';
import {
  type Answer,
  ApiFailure,
  badRequest,
  internal,
  json,
  NO_CONTENT,
  notFound,
} from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { TokenRow, UserRow } from '../../state/rows.js';
import { userParam } from '../lookup.js';

const KEYS = '/api/v2/users/{user}/keys';
const DAY = 86_400_000;
const NEVER = '9999-12-31T00:00:00Z';

export const keyRoutes: readonly Route[] = [
  { method: 'POST', path: KEYS, handle: createSession },
  { method: 'GET', path: `${KEYS}/tokens`, handle: list },
  { method: 'POST', path: `${KEYS}/tokens`, handle: createToken },
  { method: 'GET', path: `${KEYS}/tokens/tokenconfig`, handle: tokenConfig },
  { method: 'GET', path: `${KEYS}/tokens/{name}`, handle: (call) => json(200, shape(named(call))) },
  { method: 'GET', path: `${KEYS}/{key}`, handle: (call) => json(200, shape(found(call))) },
  { method: 'DELETE', path: `${KEYS}/{key}`, handle: remove },
  { method: 'PUT', path: `${KEYS}/{key}/expire`, notIn: SINCE_2026, handle: expire },
];

/** Keys are their owners' and site owners' business. */
function mayTouch(call: Call, user: UserRow): boolean {
  return user.id === call.caller.id || call.caller.isOwner();
}

function shape(row: TokenRow): Record<string, unknown> {
  const created = row.created_at ?? '0001-01-01T00:00:00Z';
  const life = row.expires_at === undefined ? 0 : row.expires_at - Date.parse(created);
  return {
    id: row.id,
    user_id: row.user_id,
    last_used: created,
    expires_at: row.expires_at === undefined ? NEVER : new Date(row.expires_at).toISOString(),
    created_at: created,
    updated_at: created,
    login_type: row.login_type ?? 'token',
    scope: 'all',
    token_name: row.name ?? '',
    lifetime_seconds: Math.round(life / 1000),
  };
}

/** Long-lived tokens only; sessions of logins cannot be listed. */
function list(call: Call): Answer {
  const user = userParam(call);
  const everybody = call.query.get('include_all') === 'true' && call.caller.isOwner();
  const rows = [...call.state.tokens.values()].filter(
    (row) => (row.login_type ?? 'token') === 'token' && (everybody || row.user_id === user.id),
  );
  const seen = mayTouch(call, user) ? rows : [];
  return json(
    200,
    seen.map((row) => ({ ...shape(row), username: call.state.users.get(row.user_id)?.username ?? '' })),
  );
}

/** The lifetime comes in nanoseconds; absent: thirty days. */
function createToken(call: Call): Answer {
  const user = userParam(call);
  const body = call.body();
  const longest = call.state.switches.maxTokenLifetime;
  const lifetime = (body.integer('lifetime') ?? 0) / 1_000_000 || Math.min(30 * DAY, longest);
  const name = body.string('token_name') ?? `token-${randomText(8)}`;
  if (lifetime < 0 || lifetime > longest) {
    const detail = `lifetime must be less than ${longest / 3_600_000}h0m0s`;
    throw badRequest('Failed to validate create API key request.', detail);
  }
  if (!isUsername(name)) throw badRequest('Failed to validate create API key request.', 'invalid name');
  if (!mayTouch(call, user)) throw internal('unauthorized: rbac: forbidden');
  if (tokens(call, user).some((row) => row.name === name)) {
    const taken = { field: 'name', detail: 'This value is already in use and should be unique.' };
    throw new ApiFailure(409, `A token with name "${name}" already exists.`, '', [taken]);
  }
  return json(201, { key: create(call, user, 'token', lifetime, name) });
}

function createSession(call: Call): Answer {
  const user = userParam(call);
  if (!mayTouch(call, user)) throw internal('unauthorized: rbac: forbidden');
  return json(201, { key: create(call, user, 'password', 7 * DAY) });
}

function create(
  call: Call,
  user: UserRow,
  loginType: 'token' | 'password',
  lifetime: number,
  name?: string,
): string {
  const { deployment, caller } = call;
  const key = deployment.createToken(user, {
    login_type: loginType,
    expires_at: deployment.clock.now() + lifetime,
    ...(name !== undefined && { name }),
  });
  deployment.audit('create', 'api_key', user.id, '', caller.id);
  return key;
}

function tokenConfig(call: Call): Answer {
  userParam(call);
  return json(200, { max_token_lifetime: call.state.switches.maxTokenLifetime * 1_000_000 });
}

function tokens(call: Call, user: UserRow): TokenRow[] {
  return [...call.state.tokens.values()].filter((row) => row.user_id === user.id);
}

function named(call: Call): TokenRow {
  const user = userParam(call);
  const row = tokens(call, user).find(({ name }) => name === call.param('name'));
  if (!row || !mayTouch(call, user)) throw notFound();
  return row;
}

function found(call: Call): TokenRow {
  const user = userParam(call);
  const row = call.state.tokens.get(call.param('key'));
  if (row?.user_id !== user.id || !mayTouch(call, user)) throw notFound();
  return row;
}

function remove(call: Call): Answer {
  const row = found(call);
  call.state.apply(['-token', row.id]);
  call.deployment.audit('delete', 'api_key', row.user_id, row.name ?? '', call.caller.id);
  return NO_CONTENT;
}

function expire(call: Call): Answer {
  const row = found(call);
  call.state.apply(['token', { ...row, expires_at: call.deployment.clock.now() }]);
  call.deployment.audit('write', 'api_key', row.user_id, row.name ?? '', call.caller.id);
  return NO_CONTENT;
}
