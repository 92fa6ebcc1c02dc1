import { randomUUID } from 'node:crypto';
import type { Body } from '../../rules/body.js';
import { SINCE_2024 } from '../../rules/releases.js';
import { randomText } from '../../rules/secrets.js';
import { type Answer, ApiFailure, forbidden, json, NO_CONTENT, notFound } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { OAuthAppRow } from '../../state/tables.js';

const APPS = '/api/v2/oauth2-provider/apps';
const APP = `${APPS}/{app}`;
const SECRETS = `${APP}/secrets`;
const notIn = SINCE_2024;

export const oauthAppRoutes: readonly Route[] = [
  { method: 'GET', path: APPS, notIn, handle: list },
  { method: 'POST', path: APPS, notIn, handle: create },
  { method: 'GET', path: APP, notIn, handle: (call) => json(200, shape(call, find(call))) },
  { method: 'PUT', path: APP, notIn, handle: update },
  { method: 'DELETE', path: APP, notIn, handle: remove },
  { method: 'GET', path: SECRETS, notIn, handle: listSecrets },
  { method: 'POST', path: SECRETS, notIn, handle: createSecret },
  { method: 'DELETE', path: `${SECRETS}/{secret}`, notIn, handle: removeSecret },
];

function shape(call: Call, row: OAuthAppRow): Record<string, unknown> {
  const origin = `http://${call.header('host')}`;
  const endpoints = {
    authorization: `${origin}/oauth2/authorize`,
    token: `${origin}/oauth2/tokens`,
    device_authorization: '',
  };
  const { id, name, callback_url, icon } = row;
  return { id, name, callback_url, icon, endpoints };
}

/** All of them, or those that a user let in. */
function list(call: Call): Answer {
  const userId = call.query.get('user_id');
  const used = new Set(
    call.state.tables
      .rows('oauthGrant')
      .filter((grant) => grant.user_id === userId && grant.kind === 'refresh')
      .map((grant) => grant.app_id),
  );
  const rows = call.state.tables.rows('oauthApp').filter((row) => !userId || used.has(row.id));
  return json(
    200,
    rows.map((row) => shape(call, row)),
  );
}

function find(call: Call): OAuthAppRow {
  const row = call.state.tables.get('oauthApp', call.param('app').toLowerCase());
  if (!row) throw notFound();
  return row;
}

function read(body: Body): Omit<OAuthAppRow, 'id'> {
  const name = body.string('name') ?? '';
  const callback = body.string('callback_url') ?? '';
  body.rule(name ? 'oauth2_app_name' : 'required', 'name', name, name.length > 0 && name.length <= 64);
  body.rule(callback ? 'http_url' : 'required', 'callback_url', callback, /^https?:\/\/./.test(callback));
  const icon = body.string('icon') ?? '';
  body.check();
  return { name, callback_url: callback, icon };
}

function save(call: Call, row: OAuthAppRow, status: 200 | 201): Answer {
  if (!call.caller.isOwner()) throw forbidden();
  const rows = call.state.tables.rows('oauthApp');
  if (rows.some((other) => other.name === row.name && other.id !== row.id)) {
    throw new ApiFailure(409, `An OAuth2 application named "${row.name}" already exists.`);
  }
  call.state.put('oauthApp', row.id, row);
  const action = status === 201 ? 'create' : 'write';
  call.deployment.audit(action, 'oauth2_provider_app', row.id, row.name, call.caller.id);
  return json(status, shape(call, row));
}

/** 201, although the reference says 200. */
function create(call: Call): Answer {
  return save(call, { id: randomUUID(), ...read(call.body()) }, 201);
}

function update(call: Call): Answer {
  const { id } = find(call);
  return save(call, { id, ...read(call.body()) }, 200);
}

/** With its secrets, and with the tokens that were given out for it. */
function remove(call: Call): Answer {
  const row = find(call);
  if (!call.caller.isOwner()) throw forbidden();
  const { tables } = call.state;
  for (const secret of tables.rows('oauthSecret')) {
    if (secret.app_id === row.id) call.state.put('oauthSecret', secret.id, null);
  }
  for (const [id, grant] of tables.entries('oauthGrant')) {
    if (grant.app_id !== row.id) continue;
    call.state.put('oauthGrant', id, null);
    if (grant.token_id) call.state.apply(['-token', grant.token_id]);
  }
  call.state.put('oauthApp', row.id, null);
  call.deployment.audit('delete', 'oauth2_provider_app', row.id, row.name, call.caller.id);
  return NO_CONTENT;
}

function listSecrets(call: Call): Answer {
  const app = find(call);
  if (!call.caller.isOwner()) throw forbidden();
  const rows = call.state.tables.rows('oauthSecret').filter((row) => row.app_id === app.id);
  return json(
    200,
    rows.map(({ id, secret, last_used_at }) => ({
      id,
      last_used_at,
      client_secret_truncated: secret.slice(-6).padStart(secret.length, '*'),
    })),
  );
}

/** The whole secret is shown this once. */
function createSecret(call: Call): Answer {
  const app = find(call);
  if (!call.caller.isOwner()) throw forbidden();
  const secret = `coder_${randomText(10)}_${randomText(40)}`;
  const row = { id: randomUUID(), app_id: app.id, secret, last_used_at: null };
  call.state.put('oauthSecret', row.id, row);
  call.deployment.audit('create', 'oauth2_provider_app_secret', row.id, '', call.caller.id);
  return json(200, [{ id: row.id, client_secret_full: secret }]);
}

function removeSecret(call: Call): Answer {
  const app = find(call);
  const row = call.state.tables.get('oauthSecret', call.param('secret').toLowerCase());
  if (row?.app_id !== app.id) throw notFound();
  if (!call.caller.isOwner()) throw forbidden();
  call.state.put('oauthSecret', row.id, null);
  call.deployment.audit('delete', 'oauth2_provider_app_secret', row.id, '', call.caller.id);
  return NO_CONTENT;
}
