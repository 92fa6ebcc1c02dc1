import { builds } from '../../rules/builds.js';
import { workspaceShape } from '../../rules/workspace-shape.js';
import { isUsername } from '../../rules/names.js';
import { cut, readPage } from '../../rules/query.js';
import { SINCE_2024 } from '../../rules/releases.js';
import { terms } from '../../rules/user-search.js';
import {
  type Answer,
  ApiFailure,
  badRequest,
  forbidden,
  json,
  NO_CONTENT,
  notFound,
  type Validation,
} from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { WorkspaceRow } from '../../state/tables.js';
import { organizationParam, userParam, workspaceParam } from '../lookup.js';

const WORKSPACE = '/api/v2/workspaces/{workspace}';
const KEYS = ['owner', 'name', 'template', 'status', 'organization', 'id', 'dormant', 'template_id'];

/** As far as offboarding needs them: find a person's workspaces, stop or delete them, keep them from starting. */
export const workspaceRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/workspaces', handle: list },
  { method: 'GET', path: WORKSPACE, handle: (call) => shown(call, workspaceParam(call)) },
  { method: 'GET', path: '/api/v2/users/{user}/workspace/{name}', handle: byName },
  { method: 'POST', path: '/api/v2/users/{user}/workspaces', notIn: SINCE_2024, handle: create },
  {
    method: 'POST',
    path: '/api/v2/organizations/{organization}/members/{user}/workspaces',
    handle: create,
  },
  { method: 'PUT', path: `${WORKSPACE}/autostart`, handle: setAutostart },
  { method: 'PUT', path: `${WORKSPACE}/ttl`, handle: setTtl },
  { method: 'PUT', path: `${WORKSPACE}/dormant`, notIn: SINCE_2024, handle: setDormant },
];

function shown(call: Call, row: WorkspaceRow, status = 200): Answer {
  return json(status, workspaceShape(call.state, row, call.deployment.clock.now()));
}

/** `q`: `owner:ann status:running`, `ann/name`, or a part of the name. */
function list(call: Call): Answer {
  const { state, caller, query } = call;
  const faults: Validation[] = [];
  const fields = terms((query.get('q') ?? '').toLowerCase(), 'name', faults);
  for (const key of fields.keys()) {
    if (!KEYS.includes(key))
      faults.push({ field: key, detail: `Query param "${key}" is not a valid query param` });
  }
  if (faults.length > 0) throw badRequest('Invalid workspace search query.', '', faults);
  const page = readPage(query);
  const work = builds(state, call.deployment.clock.now());
  const found = state.tables.rows('workspace').filter((row) => {
    if (!caller.readsWorkspaces(row.organization_id, row.owner_id)) return false;
    const status = work.status(row);
    return status !== 'deleted' && matches(call, row, status, fields);
  });
  const rows = found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const now = call.deployment.clock.now();
  return json(200, {
    workspaces: cut(rows, page).map((row) => workspaceShape(state, row, now)),
    count: rows.length,
  });
}

function matches(
  call: Call,
  row: WorkspaceRow,
  status: string,
  fields: ReadonlyMap<string, string>,
): boolean {
  const { state, caller } = call;
  const owner = state.users.get(row.owner_id)?.username.toLowerCase();
  const [first = '', second] = (fields.get('name') ?? '').split('/');
  const wantedOwner = second === undefined ? fields.get('owner') : first;
  const is = (key: string, ...values: (string | undefined)[]): boolean =>
    !fields.get(key) || values.includes(fields.get(key));
  return (
    (!wantedOwner || owner === (wantedOwner === 'me' ? caller.user.username.toLowerCase() : wantedOwner)) &&
    row.name.toLowerCase().includes(second ?? first) &&
    is('status', status) &&
    is('id', row.id) &&
    is('template_id', row.template_id) &&
    is('template', state.tables.get('template', row.template_id)?.name.toLowerCase()) &&
    is(
      'organization',
      row.organization_id,
      state.organizations.get(row.organization_id)?.name.toLowerCase(),
    ) &&
    is('dormant', String(row.dormant_at !== null))
  );
}

function ownNamed(call: Call, ownerId: string, name: string): WorkspaceRow | undefined {
  const work = builds(call.state, call.deployment.clock.now());
  return call.state.tables
    .rows('workspace')
    .find(
      (row) =>
        row.owner_id === ownerId &&
        row.name.toLowerCase() === name.toLowerCase() &&
        work.status(row) !== 'deleted',
    );
}

function byName(call: Call): Answer {
  const user = userParam(call);
  const row = ownNamed(call, user.id, call.param('name'));
  if (!row || !call.caller.readsWorkspaces(row.organization_id, row.owner_id)) throw notFound();
  return shown(call, row);
}

function create(call: Call): Answer {
  const user = userParam(call);
  const body = call.body();
  const name = body.string('name') ?? '';
  body.rule(name ? 'username' : 'required', 'name', name, isUsername(name));
  const templateId = (body.string('template_id') ?? '').toLowerCase();
  body.check();
  const template = call.state.tables.get('template', templateId);
  if (!template || !call.caller.readsTemplate(template)) {
    throw badRequest(`Template "${templateId}" doesn't exist.`, '', [
      { field: 'template_id', detail: 'template not found' },
    ]);
  }
  if (call.param('organization') && organizationParam(call).id !== template.organization_id)
    throw forbidden();
  if (!call.caller.managesWorkspaces(template.organization_id, user.id)) throw forbidden();
  if (ownNamed(call, user.id, name)) {
    const taken = { field: 'name', detail: 'This value is already in use and should be unique.' };
    throw new ApiFailure(409, `Workspace "${name}" already exists.`, '', [taken]);
  }
  const row = call.deployment.createWorkspace(template, user, { name, initiator: call.caller.id });
  return shown(call, row, 201);
}

/** The workspace, for callers with rights to change it. */
function changeable(call: Call): WorkspaceRow {
  const row = workspaceParam(call);
  if (!call.caller.managesWorkspaces(row.organization_id, row.owner_id)) throw forbidden();
  return row;
}

function change(call: Call, row: WorkspaceRow, fields: Partial<WorkspaceRow>): WorkspaceRow {
  const changed = { ...row, ...fields, updated_at: call.deployment.now() };
  call.state.put('workspace', row.id, changed);
  const { organization_id } = row;
  call.deployment.audit('write', 'workspace', row.id, row.name, call.caller.id, { organization_id });
  return changed;
}

function setAutostart(call: Call): Answer {
  change(call, changeable(call), { autostart_schedule: call.body().string('schedule') || null });
  return NO_CONTENT;
}

function setTtl(call: Call): Answer {
  change(call, changeable(call), { ttl_ms: call.body().integer('ttl_ms') ?? null });
  return NO_CONTENT;
}

/** 304 when it is so already. */
function setDormant(call: Call): Answer {
  const row = changeable(call);
  const dormant = call.body().boolean('dormant') ?? false;
  if (dormant === (row.dormant_at !== null)) return { status: 304, body: '' };
  return shown(call, change(call, row, { dormant_at: dormant ? call.deployment.now() : null }));
}
