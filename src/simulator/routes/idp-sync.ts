import { forbidden, json } from '../server/answers.js';
import type { Call, Route } from '../server/route.js';
import { organizationParam } from './lookup.js';

const SETTINGS = '/api/v2/organizations/{organization}/settings/idpsync';

/** Settings of Coder's own login-time sync. What was never saved reads as an empty field. The licence is not asked for. */
export const idpSyncRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/settings/idpsync/organization',
    notIn: ['s-old'],
    handle: organizationSync,
  },
  { method: 'GET', path: `${SETTINGS}/groups`, notIn: ['s-old'], handle: groupSync },
  { method: 'GET', path: `${SETTINGS}/roles`, notIn: ['s-old'], handle: roleSync },
];

function organizationSync(call: Call): ReturnType<typeof json> {
  if (!call.caller.readsIdpSync()) throw forbidden();
  return json(
    200,
    call.state.organizationSync ?? { field: '', mapping: null, organization_assign_default: true },
  );
}

function groupSync(call: Call): ReturnType<typeof json> {
  const { id } = organizationParam(call);
  if (!call.caller.readsIdpSync(id)) throw forbidden();
  const unset = { field: '', mapping: null, regex_filter: null, auto_create_missing_groups: false };
  return json(200, call.state.groupSync.get(id) ?? unset);
}

function roleSync(call: Call): ReturnType<typeof json> {
  const { id } = organizationParam(call);
  if (!call.caller.readsIdpSync(id)) throw forbidden();
  return json(200, call.state.roleSync.get(id) ?? { field: '', mapping: null });
}
