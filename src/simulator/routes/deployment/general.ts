import { entitlement, isEnabled, licenceState, warnings } from '../../rules/licence.js';
import { forbidden, json } from '../../server/answers.js';
import type { Call, OpenCall, Route } from '../../server/route.js';

/** Coder's deployment id and version do not change while it runs. */
const DEPLOYMENT_ID = '5eed0000-0000-4000-8000-000000000001';

/** What `X-Coder-Build-Version` and buildinfo say. */
export const VERSIONS = {
  'b25-legacy': 'v2.26.0',
  'n26-scim2': 'v2.34.0',
  's-new': 'v2.17.0',
  's-old': 'v2.3.0',
} as const;

export const generalRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/healthz',
    open: true,
    handle: () => ({ status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'OK' }),
  },
  { method: 'GET', path: '/api/v2/buildinfo', open: true, handle: buildInfo },
  { method: 'GET', path: '/api/v2/entitlements', open: true, handle: entitlements },
  { method: 'GET', path: '/api/v2/users/authmethods', open: true, handle: authMethods },
  { method: 'GET', path: '/api/v2/deployment/config', handle: deploymentConfig },
];

function buildInfo(call: OpenCall): ReturnType<typeof json> {
  const version = VERSIONS[call.state.switches.profile];
  return json(200, {
    external_url: `https://github.com/coder/coder/releases/tag/${version}`,
    version,
    dashboard_url: '',
    telemetry: false,
    workspace_proxy: false,
    agent_api_version: '1.0',
    provisioner_api_version: '1.9',
    upgrade_message: '',
    deployment_id: DEPLOYMENT_ID,
  });
}

/** No token is asked for. */
function authMethods({ state }: OpenCall): ReturnType<typeof json> {
  const { oidcConfigured, passwordAuthDisabled } = state.switches;
  return json(200, {
    password: { enabled: !passwordAuthDisabled },
    github: { enabled: false, default_provider_configured: false },
    oidc: { enabled: oidcConfigured, signInText: '', iconUrl: '' },
  });
}

/** Only what the switches know; Coder shows some hundred settings. */
function deploymentConfig(call: Call): ReturnType<typeof json> {
  if (!call.caller.isOwner()) throw forbidden();
  const { oidcConfigured, siteRoleSync, oidc: flags } = call.state.switches;
  const oidc = {
    issuer_url: oidcConfigured ? flags.issuer : '',
    groups_field: flags.groupField,
    group_allow_list: flags.allowedGroups,
    organization_field: flags.organizationField,
    user_role_field: flags.userRoleField || (siteRoleSync ? 'roles' : ''),
    user_role_mapping: flags.userRoleMapping,
    user_roles_default: flags.userRoleDefault,
  };
  return json(200, { config: { oidc }, options: [] });
}

/** No token is asked for. */
function entitlements(call: OpenCall): ReturnType<typeof json> {
  const { state } = call;
  const now = call.deployment.clock.now();
  const features: Record<string, unknown> = {};
  for (const name of Object.keys(state.switches.features)) {
    const right = entitlement(state, name, now);
    features[name] = { entitlement: right, enabled: isEnabled(state, name, now) };
  }
  const seats = { limit: state.switches.userLimit, actual: state.activeUsers };
  const paper = licenceState(state, now);
  features['user_limit'] = { entitlement: paper, enabled: paper !== 'not_entitled', ...seats };
  return json(200, {
    features,
    warnings: warnings(state, now),
    errors: [],
    has_license: state.tables.size('license') > 0,
    trial: false,
    require_telemetry: false,
    refreshed_at: call.deployment.now(),
  });
}
