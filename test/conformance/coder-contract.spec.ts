import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Profile, type Simulator, startSimulator } from '../../src/simulator/index.js';

/** One operation of the Enterprise API reference. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly responses: readonly { readonly status: number }[];
  readonly example: unknown;
  readonly exampleOlder?: unknown;
  readonly references: readonly ('older' | 'newer')[];
}

const FILE = new URL('./support/coder-operations.json', import.meta.url);
const { operations } = JSON.parse(readFileSync(FILE, 'utf8')) as { operations: readonly Operation[] };
const PROFILES: readonly Profile[] = ['s-old', 's-new', 'b25-legacy', 'n26-scim2'];

const TEMPLATE = '4e19c0ac-94e1-4532-9515-d1801aa283b2';
const AGENT = '2b1e3b65-2c04-4fa2-a2d7-467901e98978';
const SECRET = 'hush';
const BANNER = { enabled: true, message: 'Hello', background_color: '#112233' };
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

/** Where the reference is wrong, or a release is not as it says; what Coder does instead. */
interface Exception {
  readonly why: string;
  readonly only?: readonly Profile[];
  readonly status?: number;
  /** The example that holds instead, made of the printed one. */
  readonly shape?: (example: unknown) => unknown;
}

const first = (example: unknown): unknown => (example as unknown[])[0];
const MESSAGE = { message: 'string' };
const proxy = (example: unknown): unknown => ({ proxy: example, proxy_token: 'string' });
const acl = (example: unknown): unknown => ({ users: example, group: [null] });
const SCIM_ERROR = 'releases until autumn 2024 answer errors of SCIM as 500, but for a user that is read';
const scimUser = {
  id: 'string',
  userName: 'string',
  emails: [null],
  active: true,
  meta: null,
  schemas: [''],
};
const list = { schemas: ['string'], totalResults: 0, startIndex: 0, itemsPerPage: 0 };

const EXCEPTIONS: Readonly<Record<string, readonly Exception[]>> = {
  'DELETE /groups/{group}': [{ why: 'it answers a message, not the group', shape: () => MESSAGE }],
  'POST /oauth2-provider/apps': [{ why: 'it answers 201', status: 201 }],
  'GET /organizations/{organization}/settings/idpsync/groups': [
    {
      why: 'regex_filter is a string or null, not an object',
      shape: (example) => ({ ...(example as object), regex_filter: 'string' }),
    },
  ],
  'PATCH /organizations/{organization}/settings/idpsync/groups': [
    {
      why: 'it has a body, and regex_filter is a string or null, not an object',
      shape: (example) => ({ ...(example as object), regex_filter: 'string' }),
    },
  ],
  'GET /scim/v2/Users': [
    { why: 'the old server finds nobody', only: ['s-old', 's-new', 'b25-legacy'], shape: () => list },
    { why: 'the new server lists', only: ['n26-scim2'], shape: () => ({ ...list, Resources: [scimUser] }) },
  ],
  'POST /scim/v2/Users': [
    { why: 'the new server creates with 201', only: ['n26-scim2'], status: 201, shape: () => scimUser },
  ],
  'GET /scim/v2/Users/{id}': [
    { why: 'the new server finds users', only: ['n26-scim2'], status: 200, shape: () => scimUser },
  ],
  'PATCH /scim/v2/Users/{id}': [
    {
      why: 'it echoes the SCIM body, not a user of Coder',
      only: ['s-old', 's-new', 'b25-legacy'],
      shape: () => ({ ...scimUser, name: { givenName: '', familyName: '' }, groups: [null] }),
    },
    {
      why: 'the new server takes a PatchOp and answers its own user',
      only: ['n26-scim2'],
      shape: () => scimUser,
    },
  ],
  'GET /templates/{template}/acl': [{ why: 'it is an object, of the keys users and group', shape: acl }],
  'GET /templates/{template}/acl/available': [{ why: 'it is an object, not an array', shape: first }],
  'GET /users/{user}/quiet-hours': [{ why: 'it is an object, not an array', shape: first }],
  'PUT /users/{user}/quiet-hours': [{ why: 'it is an object, not an array', shape: first }],
  'GET /workspaceproxies': [{ why: 'it is an object with regions, not an array', shape: first }],
  'POST /workspaceproxies': [{ why: 'it wraps the proxy beside its token', shape: proxy }],
  'PATCH /workspaceproxies/{workspaceproxy}': [{ why: 'it wraps the proxy beside its token', shape: proxy }],
};

/** Served at the root, where the reference prints them below the API. */
const AT_ROOT = /^\/(?:oauth2|scim)\//;
const GONE = '/integrations/jfrog/xray-scan';

function isIn(operation: Operation, profile: Profile): boolean {
  if (operation.path === GONE) return profile === 's-new';
  return operation.references.includes(profile === 's-old' ? 'older' : 'newer');
}

const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

function exceptionOf(operation: Operation, profile: Profile): Exception | undefined {
  const found = EXCEPTIONS[nameOf(operation)] ?? [];
  return found.find((exception) => exception.only?.includes(profile) ?? true);
}

let simulator: Simulator;
let values: Record<string, string>;
beforeEach(async () => {
  simulator = await startSimulator({ switches: { features: { scim: true }, scimSecret: SECRET } });
  values = await furnish();
});
afterEach(() => simulator.close());

/** One of everything, and the values of the paths' parameters. */
async function furnish(): Promise<Record<string, string>> {
  const { admin, state } = simulator;
  const ann = admin.createUser({ username: 'ann', email: 'ann@x.io', name: 'Ann A', roles: ['auditor'] });
  const group = admin.createGroup({ name: 'devs' });
  admin.addToGroup('devs', 'ann');
  const template = admin.createTemplate('docker');
  const organization = state.defaultOrganization.id;
  await api('PATCH', `/templates/${template.id}/acl`, { user_perms: { [ann.id]: 'use' } });
  const app = await api('POST', '/oauth2-provider/apps', { name: 'app', callback_url: 'http://a.io/' });
  const appId = String((app.body as { id: unknown }).id);
  const secrets = await api('POST', `/oauth2-provider/apps/${appId}/secrets`);
  const [secret] = secrets.body as { id: string; client_secret_full: string }[];
  await api('POST', `/organizations/${organization}/provisionerkeys`, { name: 'key', tags: { a: 'b' } });
  await upgrade(`/api/v2/organizations/${organization}/provisionerdaemons/serve?provisioner=echo&tag=a=b`);
  const made = await api('POST', '/workspaceproxies', { name: 'proxy' });
  const proxyId = String((made.body as { proxy: { id: unknown } }).proxy.id);
  const query = `?client_id=${appId}&state=s&response_type=code`;
  const sent = await call('POST', `/oauth2/authorize${query}`, { token: simulator.token });
  const code = new URL(sent.location).searchParams.get('code') ?? '';
  return {
    ann: ann.id,
    group: group.id,
    groupName: 'devs',
    organization,
    user: 'ann',
    template: template.id,
    notification_template: TEMPLATE,
    app: appId,
    secretID: secret?.id ?? '',
    secret: secret?.client_secret_full ?? '',
    code,
    workspaceproxy: proxyId,
    provisionerkey: 'key',
  };
}

interface Answered {
  readonly status: number;
  readonly location: string;
  readonly body: unknown;
}

async function call(
  method: string,
  path: string,
  how: { token?: string; authorization?: string; body?: unknown } = {},
): Promise<Answered> {
  const { token, authorization, body } = how;
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token && { 'Coder-Session-Token': token }),
      ...(authorization && { Authorization: authorization }),
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    location: response.headers.get('location') ?? '',
    body: text ? (JSON.parse(text) as unknown) : null,
  };
}

function api(method: string, path: string, body?: unknown): Promise<Answered> {
  return call(method, `/api/v2${path}`, { token: simulator.token, body });
}

/** Asks for a websocket; answers the status. */
function upgrade(path: string, token = simulator.token): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Coder-Session-Token': token,
    };
    const request = httpRequest(`${simulator.url}${path}`, { headers });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });
}

/** What each operation is asked with, where the printed placeholders would be refused. */
function bodyOf(operation: Operation, profile: Profile): unknown {
  const person = { userName: 'eve', emails: [{ value: 'eve@x.io', primary: true }], active: true };
  const patchOp = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', value: { active: false } }],
  };
  const scimPatch = { schemas: [USER], userName: 'ann', active: false, emails: [] };
  const exchange = { client_id: values['app'] ?? '', client_secret: values['secret'] ?? '' };
  const grant = { ...exchange, code: values['code'] ?? '', grant_type: 'authorization_code' };
  const bodies: Record<string, unknown> = {
    'PUT /appearance': { application_name: 'Ours', service_banner: BANNER, announcement_banners: [BANNER] },
    'PATCH /groups/{group}': {
      display_name: 'Developers',
      quota_allowance: 5,
      remove_users: [values['ann']],
    },
    'POST /integrations/jfrog/xray-scan': { workspace_id: AGENT, agent_id: AGENT, critical: 1 },
    'PUT /notifications/templates/{notification_template}/method': { method: 'webhook' },
    'POST /oauth2-provider/apps': { name: 'other', callback_url: 'http://b.io/', icon: '' },
    'PUT /oauth2-provider/apps/{app}': { name: 'renamed', callback_url: 'http://b.io/', icon: '' },
    'POST /oauth2/tokens': new URLSearchParams(grant).toString(),
    'POST /organizations/{organization}/groups': { name: 'ops', display_name: 'Ops' },
    'POST /organizations/{organization}/provisionerkeys': { name: 'other' },
    'PATCH /organizations/{organization}/settings/idpsync/groups': {
      field: 'groups',
      mapping: { eng: [values['group']] },
      regex_filter: '^e',
      auto_create_missing_groups: true,
    },
    'PATCH /organizations/{organization}/settings/idpsync/roles': { field: 'roles', mapping: { a: ['x'] } },
    'POST /scim/v2/Users': person,
    'PATCH /scim/v2/Users/{id}': profile === 'n26-scim2' ? patchOp : scimPatch,
    'PATCH /templates/{template}/acl': { group_perms: { [values['group'] ?? '']: 'admin' } },
    'PUT /users/{user}/quiet-hours': { schedule: 'CRON_TZ=Europe/Oslo 0 2 * * *' },
    'POST /workspaceproxies': { name: 'other', display_name: 'Other', icon: '/i.png' },
    'PATCH /workspaceproxies/{workspaceproxy}': { name: 'renamed', regenerate_token: true },
  };
  return bodies[nameOf(operation)];
}

const QUERIES: Readonly<Record<string, () => string>> = {
  'GET /integrations/jfrog/xray-scan': () => `?workspace_id=${AGENT}&agent_id=${AGENT}`,
  'POST /oauth2/authorize': () => `?client_id=${values['app']}&state=s&response_type=code`,
  'DELETE /oauth2/tokens': () => `?client_id=${values['app']}`,
};

function pathOf(operation: Operation): string {
  const id = operation.path.startsWith('/scim') ? values['ann'] : '1';
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    return (name === 'id' ? id : values[name]) ?? '';
  });
  const base = AT_ROOT.test(operation.path) ? '' : '/api/v2';
  return `${base}${path}${QUERIES[nameOf(operation)]?.() ?? ''}`;
}

function secretOf(profile: Profile): string {
  return profile === 's-old' || profile === 's-new' ? SECRET : `Bearer ${SECRET}`;
}

async function perform(operation: Operation, profile: Profile, token = simulator.token): Promise<Answered> {
  const path = pathOf(operation);
  if (operation.path.endsWith('/serve')) {
    return { status: await upgrade(path, token), location: '', body: null };
  }
  const scim = operation.path.startsWith('/scim');
  const body = bodyOf(operation, profile);
  const who = scim ? { authorization: token && secretOf(profile) } : { token };
  return call(operation.method, path, { ...who, ...(body !== undefined && { body }) });
}

/** Left out when empty, or there in some releases only. */
const MAY_MISS = new Set([
  'theme_preference',
  'avatar_url',
  'legacy_group_name_mapping',
  'detail',
  'validations',
  'limit',
  'actual',
  'message',
  'background_color',
  'display',
  'Resources',
]);
/** A user's real name when it is empty, and the organization of a role of the site. */
function mayMiss(key: string, wanted: ReadonlyMap<string, unknown>): boolean {
  if (key === 'name') return wanted.has('username') || wanted.has('userName');
  if (key === 'organization_id') return !wanted.has('id');
  return MAY_MISS.has(key);
}

/** Came after the editions. */
const MAY_COME = new Set(['name']);

/** Where `actual` differs from what the example promises: names of fields and kinds of values. */
function differences(actual: unknown, example: unknown, at = '$'): string[] {
  if (example === null || actual === null) return [];
  if (Array.isArray(example)) {
    if (!Array.isArray(actual)) return [`${at} is no array`];
    return actual.flatMap((item, i) => differences(item, example[0], `${at}[${i}]`));
  }
  if (typeof example !== 'object' || typeof actual !== 'object') {
    return typeof actual === typeof example ? [] : [`${at} is a ${typeof actual}, not a ${typeof example}`];
  }
  if (Array.isArray(actual)) return [`${at} is an array`];
  const [is, wanted] = [new Map(Object.entries(actual)), new Map(Object.entries(example))];
  // Names that are the reader's own stand for any.
  const any = wanted.get('property1');
  if (any !== undefined) return [...is].flatMap(([key, value]) => differences(value, any, `${at}.${key}`));
  if (wanted.size === 0) return [];
  const missing = [...wanted.keys()].filter((key) => !is.has(key) && !mayMiss(key, wanted));
  const more = [...is.keys()].filter((key) => !wanted.has(key) && !MAY_COME.has(key));
  const inside = [...wanted].flatMap(([key, value]) =>
    is.has(key) ? differences(is.get(key), value, `${at}.${key}`) : [],
  );
  return [
    ...missing.map((key) => `${at}.${key} is missing`),
    ...more.map((key) => `${at}.${key} is new`),
    ...inside,
  ];
}

function exampleFor(operation: Operation, profile: Profile): unknown {
  const printed = (profile === 's-old' ? operation.exampleOlder : undefined) ?? operation.example;
  const shape = exceptionOf(operation, profile)?.shape;
  return shape ? shape(printed) : printed;
}

describe.each(PROFILES)('in the release %s', (profile) => {
  beforeEach(() => simulator.admin.set({ profile }));

  const present = operations.filter((operation) => isIn(operation, profile));
  const absent = operations.filter((operation) => !isIn(operation, profile));
  const title = (operation: Operation): string => {
    const why = exceptionOf(operation, profile)?.why;
    return `${nameOf(operation)} answers as documented${why ? `, but ${why}` : ''}`;
  };

  it.each(present.map((operation) => [title(operation), operation] as const))('%s', async (_, operation) => {
    if (operation.path === GONE && operation.method === 'GET') {
      await api('POST', GONE, { workspace_id: AGENT, agent_id: AGENT, results_url: 'http://x' });
    }
    const answer = await perform(operation, profile);
    const instead = exceptionOf(operation, profile)?.status;
    const documented = operation.responses.map((response) => response.status);
    expect(instead === undefined ? documented : [instead]).toContain(answer.status);
    if (answer.status >= 300) return;
    expect(differences(answer.body, exampleFor(operation, profile) ?? null)).toEqual([]);
  });

  it.each(absent.map((operation) => [nameOf(operation), operation] as const))(
    '%s is not there: 404',
    async (_, operation) => {
      expect((await perform(operation, profile)).status).toBe(404);
    },
  );

  const open = ['GET /entitlements', 'POST /oauth2/tokens'];
  const closed = present.filter((operation) => !open.includes(nameOf(operation)));
  it.each(closed.map((operation) => [nameOf(operation), operation] as const))(
    '%s refuses callers without a token',
    async (_, operation) => {
      const answer = await perform(operation, profile, '');
      const scim = operation.path.startsWith('/scim');
      const old = profile === 's-old' || profile === 's-new';
      expect(answer.status, scim ? SCIM_ERROR : '').toBe(scim && old ? 500 : 401);
    },
  );

  it.each(['/scim/v2/Users', '/oauth2/tokens'])('%s is not below the API', async (path) => {
    expect((await api('GET', path)).status).toBe(404);
  });
});

/** What asks for which feature, where the licence is looked at. */
const LICENSED: readonly (readonly [path: RegExp, feature: string])[] = [
  [/^\/groups|\/groups(?:\/\{groupName\})?$|\/acl/, 'template_rbac'],
  [/quiet-hours$/, 'advanced_template_scheduling'],
  [/provisionerkeys|\/serve$/, 'external_provisioner_daemons'],
  [/^\/workspaceproxies/, 'workspace_proxy'],
  [/^\/scim/, 'scim'],
];

describe.each(PROFILES)('without a licence, in the release %s', (profile) => {
  const cases = operations.flatMap((operation) => {
    if (!isIn(operation, profile) || operation.path.includes('idpsync')) return [];
    const found = LICENSED.find(([path]) => path.test(operation.path));
    return found ? [[nameOf(operation), found[1], operation] as const] : [];
  });

  it.each(cases)('%s asks for %s', async (_, feature, operation) => {
    simulator.admin.set({ profile, features: { [feature]: false } });
    const answer = await perform(operation, profile);
    expect(answer.status).toBe(profile === 's-old' ? 404 : 403);
  });
});

it('knows all 53 operations, and names an exception only for one of them', () => {
  const names = operations.map(nameOf);
  expect(names).toHaveLength(53);
  expect(Object.keys(EXCEPTIONS).filter((name) => !names.includes(name))).toEqual([]);
});
