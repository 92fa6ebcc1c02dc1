import { answer, done, noContent, operation, type Operation } from './operation.js';

const licence = {
  id: 1,
  uuid: 'l1',
  uploaded_at: '2026-01-01T00:00:00Z',
  claims: { license_expires: 1_800_000_000 },
};
const replica = {
  id: 'r1',
  hostname: 'a',
  created_at: '2026-01-01T00:00:00Z',
  relay_address: '',
  region_id: 0,
  database_latency: 900,
  error: '',
};
const banner = { enabled: true, message: 'x', background_color: '#fff' };
const appearance = {
  application_name: 'Coder',
  logo_url: '',
  docs_url: '',
  service_banner: banner,
  announcement_banners: [banner],
  support_links: [{ name: 'Chat', target: 'https://x.io', icon: 'chat' }],
};
const oldAppearance = {
  application_name: 'Coder',
  logo_url: '',
  service_banner: banner,
  support_links: null,
};
const { support_links: _null, ...readOldAppearance } = oldAppearance;

const deployment: readonly Operation[] = [
  operation('healthz', [], 'GET /healthz', { status: 200, body: 'OK', gives: undefined }),
  operation(
    'buildInfo',
    [],
    'GET /api/v2/buildinfo',
    answer(200, { version: 'v2.26.0', external_url: 'x', deployment_id: 'd1' }),
  ),
  operation(
    'deploymentConfig',
    [],
    'GET /api/v2/deployment/config',
    answer(
      200,
      {
        config: { oidc: { issuer_url: 'https://i', user_role_field: 'r', group_allow_list: null } },
        options: [],
      },
      { config: { oidc: { issuer_url: 'https://i', user_role_field: 'r' } } },
    ),
  ),
  operation('listReplicas', [], 'GET /api/v2/replicas', answer(200, [replica])),
  operation('entitlements', [], 'GET /api/v2/entitlements', [
    answer(
      200,
      {
        features: { user_limit: { entitlement: 'entitled', enabled: true, limit: 5, actual: 4 }, odd: 'x' },
        warnings: ['w'],
        errors: [],
        has_license: true,
        trial: false,
        refreshed_at: '2026-01-01T00:00:00Z',
      },
      {
        features: { user_limit: { limit: 5, actual: 4, enabled: true } },
        warnings: ['w'],
        has_license: true,
        trial: false,
      },
    ),
    answer(200, { features: {}, has_license: false }),
  ]),
  operation('refreshEntitlements', [], 'POST /api/v2/licenses/refresh-entitlements', done),
  operation('listLicenses', [], 'GET /api/v2/licenses', [answer(200, [licence]), answer(200, null, [])]),
  operation('addLicense', [{ license: 'jwt' }], 'POST /api/v2/licenses', answer(201, licence), {
    license: 'jwt',
  }),
  operation('deleteLicense', [7], 'DELETE /api/v2/licenses/7', {
    status: 200,
    body: undefined,
    gives: undefined,
  }),
  operation('getAppearance', [], 'GET /api/v2/appearance', [
    answer(200, appearance),
    answer(200, oldAppearance, readOldAppearance),
  ]),
  operation(
    'updateAppearance',
    [{ logo_url: '' }],
    'PUT /api/v2/appearance',
    [answer(200, appearance), answer(200, readOldAppearance)],
    { logo_url: '' },
  ),
];

const proxy = {
  id: 'p1',
  name: 'eu',
  display_name: 'EU',
  healthy: true,
  wildcard_hostname: '*.x.io',
  status: { status: 'ok', checked_at: '2026-01-01T00:00:00Z', report: { errors: [], warnings: [] } },
};
const proxies: readonly Operation[] = [
  operation('listWorkspaceProxies', [], 'GET /api/v2/workspaceproxies', [
    answer(200, { regions: [{ ...proxy, version: 'v2.16.0' }] }, [{ ...proxy, version: 'v2.16.0' }]),
    answer(200, [{ regions: [proxy] }], [proxy]),
  ]),
  operation(
    'createWorkspaceProxy',
    [{ name: 'eu' }],
    'POST /api/v2/workspaceproxies',
    [answer(201, { proxy, proxy_token: 'p:secret' }), answer(201, proxy, { proxy })],
    { name: 'eu' },
  ),
  operation('getWorkspaceProxy', ['p/1'], 'GET /api/v2/workspaceproxies/p%2F1', answer(200, proxy)),
  operation('deleteWorkspaceProxy', ['p/1'], 'DELETE /api/v2/workspaceproxies/p%2F1', done),
  operation(
    'updateWorkspaceProxy',
    ['p/1', { id: 'p1', name: 'eu', display_name: '', icon: '' }],
    'PATCH /api/v2/workspaceproxies/p%2F1',
    answer(200, { proxy, proxy_token: '' }),
    { id: 'p1', name: 'eu', display_name: '', icon: '' },
  ),
];

const daemon = {
  id: 'd1',
  name: 'a',
  created_at: '2026-01-01T00:00:00Z',
  provisioners: ['terraform'],
  tags: { scope: 'organization' },
};
const provisionerKey = {
  id: 'k1',
  name: 'k',
  organization: 'o1',
  created_at: '2026-01-01T00:00:00Z',
  tags: {},
};
const OF = '/api/v2/organizations/o%2F1';
const provisioning: readonly Operation[] = [
  operation('listProvisionerDaemons', ['o/1'], `GET ${OF}/provisionerdaemons`, [
    answer(200, [{ ...daemon, version: 'v2.16.0', last_seen_at: '2026-01-01T00:00:00Z' }]),
    answer(200, [{ ...daemon, updated_at: { time: '2023-01-01T00:00:00Z', valid: true } }], [daemon]),
  ]),
  operation('listProvisionerKeys', ['o/1'], `GET ${OF}/provisionerkeys`, answer(200, [provisionerKey])),
  operation(
    'createProvisionerKey',
    ['o/1', { name: 'k' }],
    `POST ${OF}/provisionerkeys`,
    answer(201, { key: 'secret' }),
    { name: 'k' },
  ),
  operation('listProvisionerKeyDaemons', ['o/1'], `GET ${OF}/provisionerkeys/daemons`, [
    answer(200, [{ key: provisionerKey, daemons: [daemon] }]),
    answer(200, [{ key: provisionerKey, daemons: null }], [{ daemons: [] }]),
  ]),
  operation('deleteProvisionerKey', ['o/1', 'k/1'], `DELETE ${OF}/provisionerkeys/k%2F1`, noContent),
];

const app = {
  id: 'a1',
  name: 'app',
  callback_url: 'https://x.io',
  icon: '',
  endpoints: { authorization: 'a', token: 't', device_authorization: '' },
};
const request = { name: 'app', callback_url: 'https://x.io' };
const APPS = '/api/v2/oauth2-provider/apps';
const newSecret = { id: 's1', client_secret_full: 'secret' };
const oauth2: readonly Operation[] = [
  operation('listOAuth2Apps', [{ user_id: 'u1' }], `GET ${APPS}?user_id=u1`, [
    answer(200, [app]),
    answer(200, null, []),
  ]),
  operation('createOAuth2App', [request], `POST ${APPS}`, [answer(201, app), answer(200, app)], request),
  operation('getOAuth2App', ['a/1'], `GET ${APPS}/a%2F1`, answer(200, app)),
  operation('updateOAuth2App', ['a/1', request], `PUT ${APPS}/a%2F1`, answer(200, app), request),
  operation('deleteOAuth2App', ['a/1'], `DELETE ${APPS}/a%2F1`, noContent),
  operation(
    'listOAuth2Secrets',
    ['a/1'],
    `GET ${APPS}/a%2F1/secrets`,
    answer(
      200,
      [{ id: 's1', last_used_at: null, client_secret_truncated: 'ab' }],
      [{ id: 's1', client_secret_truncated: 'ab' }],
    ),
  ),
  operation('createOAuth2Secret', ['a/1'], `POST ${APPS}/a%2F1/secrets`, [
    answer(201, newSecret),
    answer(200, [newSecret], newSecret),
  ]),
  operation('deleteOAuth2Secret', ['a/1', 's/1'], `DELETE ${APPS}/a%2F1/secrets/s%2F1`, noContent),
  operation(
    'authorizeOAuth2',
    [{ client_id: 'a1', state: 's', response_type: 'code' }],
    'POST /oauth2/authorize?client_id=a1&state=s&response_type=code',
    {
      status: 302,
      body: undefined,
      headers: { location: 'https://x.io/?code=c' },
      gives: 'https://x.io/?code=c',
    },
  ),
  operation(
    'exchangeOAuth2Token',
    [{ grant_type: 'authorization_code', code: 'c', client_id: 'a1', client_secret: 's 1' }],
    'POST /oauth2/tokens',
    answer(200, {
      access_token: 't',
      token_type: 'Bearer',
      expires_in: 60,
      refresh_token: 'r',
      expiry: '2026-01-01T00:00:00Z',
    }),
    'grant_type=authorization_code&code=c&client_id=a1&client_secret=s+1',
  ),
  operation('revokeOAuth2Tokens', [{ client_id: 'a1' }], 'DELETE /oauth2/tokens?client_id=a1', noContent),
];

const scan = { workspace_id: 'w1', agent_id: 'g1', critical: 0, high: 1, medium: 2, results_url: '' };
const integrations: readonly Operation[] = [
  operation(
    'getXrayScan',
    [{ workspace_id: 'w1', agent_id: 'g1' }],
    'GET /api/v2/integrations/jfrog/xray-scan?workspace_id=w1&agent_id=g1',
    answer(200, scan),
  ),
  operation('storeXrayScan', [scan], 'POST /api/v2/integrations/jfrog/xray-scan', done, scan),
  operation(
    'setNotificationMethod',
    ['n/1', { method: null }],
    'PUT /api/v2/notifications/templates/n%2F1/method',
    [
      { status: 200, body: undefined, gives: true },
      { status: 304, body: undefined, gives: false },
    ],
    { method: null },
  ),
];

const scimUser = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  id: 'u1',
  userName: 'ann',
  active: true,
};
const legacyList = { schemas: [], totalResults: 0, startIndex: 1, itemsPerPage: 0 };
const scim: readonly Operation[] = [
  operation(
    'scimServiceProviderConfig',
    ['s3cret'],
    'GET /scim/v2/ServiceProviderConfig',
    answer(200, { patch: { supported: true } }),
  ),
  operation('scimListUsers', ['s3cret', { count: 2 }], 'GET /scim/v2/Users?count=2', [
    answer(200, legacyList, { totalResults: 0, Resources: [] }),
    answer(200, { totalResults: 1, Resources: [scimUser] }),
  ]),
  operation(
    'scimCreateUser',
    ['s3cret', scimUser],
    'POST /scim/v2/Users',
    [answer(200, scimUser), answer(201, scimUser)],
    scimUser,
  ),
  operation('scimGetUser', ['s3cret', 'u/1'], 'GET /scim/v2/Users/u%2F1', answer(200, scimUser)),
  operation(
    'scimPatchUser',
    ['s3cret', 'u/1', { active: false }],
    'PATCH /scim/v2/Users/u%2F1',
    answer(200, scimUser),
    { active: false },
  ),
  operation(
    'scimPutUser',
    ['s3cret', 'u/1', scimUser],
    'PUT /scim/v2/Users/u%2F1',
    answer(200, scimUser),
    scimUser,
  ),
  operation('scimDeleteUser', ['s3cret', 'u/1'], 'DELETE /scim/v2/Users/u%2F1', noContent),
];

/** The deployment and its licences, proxies, provisioners, OAuth2, integrations and Coder's own SCIM server. */
export const operatingOperations: readonly Operation[] = [
  ...deployment,
  ...proxies,
  ...provisioning,
  ...oauth2,
  ...integrations,
  ...scim,
];
