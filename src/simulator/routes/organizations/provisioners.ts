import { randomUUID } from 'node:crypto';
import { isUsername } from '../../rules/names.js';
import { SINCE_2024 } from '../../rules/releases.js';
import { randomText } from '../../rules/secrets.js';
import {
  type Answer,
  ApiFailure,
  badRequest,
  forbidden,
  internal,
  json,
  NO_CONTENT,
  notFound,
} from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { ProvisionerDaemonRow, ProvisionerKeyRow } from '../../state/tables.js';
import { organizationParam } from '../lookup.js';
import { VERSIONS } from '../deployment/general.js';

const DAEMONS = '/api/v2/organizations/{organization}/provisionerdaemons';
const KEYS = '/api/v2/organizations/{organization}/provisionerkeys';
const licence = {
  feature: 'external_provisioner_daemons',
  title: 'External Provisioner Daemons',
  first: false,
};
const RESERVED = ['built-in', 'user-auth', 'psk'];
/** Of daemons that came by a user's session. */
const USER_AUTH_KEY = '00000000-0000-0000-0000-000000000002';

export const provisionerRoutes: readonly Route[] = [
  { method: 'GET', path: DAEMONS, handle: listDaemons },
  { method: 'GET', path: `${DAEMONS}/serve`, licence: { ...licence, first: true }, handle: serve },
  { method: 'GET', path: KEYS, licence, notIn: SINCE_2024, handle: listKeys },
  { method: 'POST', path: KEYS, licence, notIn: SINCE_2024, handle: createKey },
  { method: 'GET', path: `${KEYS}/daemons`, licence, notIn: SINCE_2024, handle: daemonsByKey },
  { method: 'DELETE', path: `${KEYS}/{provisionerkey}`, licence, notIn: SINCE_2024, handle: removeKey },
];

function daemonsOf(call: Call, organizationId: string): ProvisionerDaemonRow[] {
  const rows = call.state.tables.rows('provisionerDaemon');
  return rows.filter((row) => row.organization_id === organizationId);
}

function daemonShape(call: Call, row: ProvisionerDaemonRow): unknown {
  if (call.state.switches.profile !== 's-old') return row;
  const { id, name, created_at, provisioners, tags, last_seen_at } = row;
  return { id, name, created_at, provisioners, tags, updated_at: { time: last_seen_at, valid: true } };
}

function listDaemons(call: Call): Answer {
  const { id } = organizationParam(call);
  return json(
    200,
    daemonsOf(call, id).map((row) => daemonShape(call, row)),
  );
}

/**
 * A websocket over which a daemon takes work. The daemon shows in the lists; there is no work for it. Without an
 * upgrade it is refused.
 */
function serve(call: Call): Answer {
  const { id } = organizationParam(call);
  if (!call.caller.managesTemplates(id)) throw forbidden();
  if (call.header('upgrade').toLowerCase() !== 'websocket') {
    const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade' };
    throw new ApiFailure(426, 'WebSocket protocol violation: the request is no upgrade.', '', [], upgrade);
  }
  const now = call.deployment.now();
  const name = call.query.get('name') || `daemon-${randomText(4).toLowerCase()}`;
  const known = daemonsOf(call, id).find((row) => row.name === name);
  const row: ProvisionerDaemonRow = {
    id: known?.id ?? randomUUID(),
    organization_id: id,
    key_id: USER_AUTH_KEY,
    created_at: known?.created_at ?? now,
    last_seen_at: now,
    name,
    version: VERSIONS[call.state.switches.profile],
    api_version: call.query.get('version') || '1.0',
    provisioners: call.query.getAll('provisioner'),
    tags: Object.fromEntries(
      call.query.getAll('tag').map((tag) => [tag.split('=')[0] ?? '', tag.slice(tag.indexOf('=') + 1)]),
    ),
  };
  call.state.put('provisionerDaemon', row.id, row);
  return { status: 101, body: '' };
}

function keysOf(call: Call): ProvisionerKeyRow[] {
  const { id } = organizationParam(call);
  const rows = call.state.tables.rows('provisionerKey');
  return call.caller.managesTemplates(id) ? rows.filter((row) => row.organization_id === id) : [];
}

function keyShape({ id, organization_id, name, tags, created_at }: ProvisionerKeyRow): unknown {
  return { id, created_at, organization: organization_id, name, tags };
}

function listKeys(call: Call): Answer {
  return json(200, keysOf(call).map(keyShape));
}

/** The secret is shown this once. */
function createKey(call: Call): Answer {
  const { id } = organizationParam(call);
  const body = call.body();
  const name = (body.string('name') ?? '').toLowerCase();
  const tags = body.texts('tags');
  if (!name) throw badRequest('Name is required', '', [{ field: 'name', detail: 'Name is required' }]);
  if (!isUsername(name))
    throw badRequest('Name is invalid', 'It must be 1 to 32 letters, digits and hyphens.');
  if (RESERVED.includes(name)) throw badRequest(`Name cannot be reserved name '${name}'`);
  if (!call.caller.isOrganizationAdmin(id)) throw internal('unauthorized: rbac: forbidden');
  if (keysOf(call).some((row) => row.name === name)) {
    throw new ApiFailure(409, `Provisioner key with name '${name}' already exists`);
  }
  const row = { id: randomUUID(), organization_id: id, name, tags, created_at: call.deployment.now() };
  call.state.put('provisionerKey', row.id, row);
  return json(201, { key: randomText(43) });
}

function daemonsByKey(call: Call): Answer {
  const daemons = daemonsOf(call, organizationParam(call).id);
  return json(
    200,
    keysOf(call).map((row) => ({
      key: keyShape(row),
      daemons: daemons.filter(({ key_id }) => key_id === row.id),
    })),
  );
}

function removeKey(call: Call): Answer {
  const { id } = organizationParam(call);
  const name = call.param('provisionerkey').toLowerCase();
  if (RESERVED.includes(name)) throw badRequest(`Cannot delete reserved '${name}' provisioner key`);
  const row = keysOf(call).find((key) => key.name === name);
  if (!row || !call.caller.isOrganizationAdmin(id)) throw notFound();
  call.state.put('provisionerKey', row.id, null);
  for (const daemon of daemonsOf(call, id)) {
    if (daemon.key_id === row.id) call.state.put('provisionerDaemon', daemon.id, null);
  }
  return NO_CONTENT;
}
