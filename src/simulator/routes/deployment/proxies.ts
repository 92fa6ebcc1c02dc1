import { randomUUID } from 'node:crypto';
import type { Body } from '../../rules/body.js';
import { isUsername } from '../../rules/names.js';
import { randomText } from '../../rules/secrets.js';
import {
  type Answer,
  ApiFailure,
  badRequest,
  forbidden,
  internal,
  json,
  notFound,
} from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { WorkspaceProxyRow } from '../../state/tables.js';
import { VERSIONS } from './general.js';

const PROXIES = '/api/v2/workspaceproxies';
const PROXY = `${PROXIES}/{workspaceproxy}`;
const licence = { feature: 'workspace_proxy', title: 'Workspace Proxy', first: true };
/** The deployment itself counts as a proxy. */
const PRIMARY = 'primary';

export const proxyRoutes: readonly Route[] = [
  { method: 'GET', path: PROXIES, licence, handle: list },
  { method: 'POST', path: PROXIES, licence, handle: create },
  { method: 'GET', path: PROXY, licence, handle: (call) => json(200, shape(call, find(call))) },
  { method: 'PATCH', path: PROXY, licence, handle: update },
  { method: 'DELETE', path: PROXY, licence, handle: remove },
];

function shape(call: Call, row: WorkspaceProxyRow): Record<string, unknown> {
  const { id, name, display_name, icon_url, created_at, updated_at, status } = row;
  const { profile } = call.state.switches;
  const errors = status === 'ok' || status === 'unregistered' ? [] : [`The proxy is ${status}.`];
  return {
    id,
    name,
    display_name,
    icon_url,
    healthy: status === 'ok',
    path_app_url: status === 'unregistered' ? '' : `https://${name}.coder.example`,
    wildcard_hostname: '',
    derp_enabled: true,
    derp_only: false,
    created_at,
    updated_at,
    deleted: false,
    ...(profile !== 's-old' && { version: VERSIONS[profile] }),
    status: { status, report: { errors, warnings: [] }, checked_at: call.deployment.now() },
  };
}

function primary(call: Call): WorkspaceProxyRow {
  const { id, created_at, updated_at } = call.state.defaultOrganization;
  const names = { name: PRIMARY, display_name: 'Default', icon_url: '/emojis/1f3e1.png' };
  return { id, ...names, secret: '', created_at, updated_at, status: 'ok' };
}

function list(call: Call): Answer {
  if (!call.caller.readsDeployment()) throw forbidden();
  const rows = [primary(call), ...call.state.tables.rows('workspaceProxy')];
  return json(200, { regions: rows.map((row) => shape(call, row)) });
}

function byName(call: Call, text: string): WorkspaceProxyRow | undefined {
  const rows = call.state.tables.rows('workspaceProxy');
  return rows.find((row) => row.id === text.toLowerCase() || row.name === text.toLowerCase());
}

/** By id or name. */
function find(call: Call): WorkspaceProxyRow {
  const text = call.param('workspaceproxy');
  const row = text === PRIMARY ? primary(call) : byName(call, text);
  if (!row || !call.caller.readsDeployment()) throw notFound();
  return row;
}

function names(body: Body): Pick<WorkspaceProxyRow, 'name' | 'display_name' | 'icon_url'> {
  const name = (body.string('name') ?? '').toLowerCase();
  body.rule(name ? 'username' : 'required', 'name', name, isUsername(name));
  const fields = {
    name,
    display_name: body.string('display_name') ?? '',
    icon_url: body.string('icon') ?? '',
  };
  body.check();
  if (name === PRIMARY) throw badRequest(`The name "${PRIMARY}" is reserved for the primary region.`);
  return fields;
}

function create(call: Call): Answer {
  const fields = names(call.body());
  if (!call.caller.isOwner()) throw internal('unauthorized: rbac: forbidden');
  if (byName(call, fields.name)) {
    throw new ApiFailure(409, `Workspace proxy with name "${fields.name}" already exists.`);
  }
  const now = call.deployment.now();
  const rest = { secret: randomText(40), created_at: now, updated_at: now, status: 'unregistered' as const };
  const row = { id: randomUUID(), ...fields, ...rest };
  return save(call, row, 'create', 201, row.secret);
}

function save(
  call: Call,
  row: WorkspaceProxyRow,
  action: 'create' | 'write',
  status: number,
  secret: string,
): Answer {
  call.state.put('workspaceProxy', row.id, row);
  call.deployment.audit(action, 'workspace_proxy', row.id, row.name, call.caller.id);
  return json(status, { proxy: shape(call, row), proxy_token: secret && `${row.id}:${secret}` });
}

/** Replaces names and icon; the token only when a new one is asked for. */
function update(call: Call): Answer {
  const row = find(call);
  const body = call.body();
  const fields = names(body);
  if (!call.caller.isOwner()) throw notFound();
  if (row.name === PRIMARY) throw badRequest('The primary region cannot be changed here.');
  const other = byName(call, fields.name);
  if (other && other.id !== row.id) {
    throw new ApiFailure(409, `Workspace proxy with name "${fields.name}" already exists.`);
  }
  const secret = body.boolean('regenerate_token') ? randomText(40) : '';
  const changed = { ...row, ...fields, secret: secret || row.secret, updated_at: call.deployment.now() };
  return save(call, changed, 'write', 200, secret);
}

function remove(call: Call): Answer {
  const row = find(call);
  if (!call.caller.isOwner()) throw notFound();
  if (row.name === PRIMARY) throw badRequest('Cannot delete the primary region.');
  call.state.put('workspaceProxy', row.id, null);
  call.deployment.audit('delete', 'workspace_proxy', row.id, row.name, call.caller.id);
  return json(200, { message: 'Proxy has been deleted!' });
}
