import { SINCE_2024 } from '../../rules/releases.js';
import { isEnabled } from '../../rules/licence.js';
import { builds } from '../../rules/builds.js';
import { type Answer, json } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import { organizationParam, userParam } from '../lookup.js';

export const quotaRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/organizations/{organization}/members/{user}/workspace-quota',
    notIn: SINCE_2024,
    handle: (call) => quota(call, organizationParam(call).id),
  },
  {
    method: 'GET',
    path: '/api/v2/workspace-quota/{user}',
    handle: (call) => quota(call, call.state.defaultOrganization.id),
  },
];

/** What the user's groups allow, Everyone included; without the licence there is no end to it: -1. */
function quota(call: Call, organizationId: string): Answer {
  const { state } = call;
  const user = userParam(call);
  const now = call.deployment.clock.now();
  let consumed = 0;
  for (const workspace of state.tables.rows('workspace')) {
    if (workspace.owner_id !== user.id || workspace.organization_id !== organizationId) continue;
    if (builds(state, now).status(workspace) === 'running') consumed += workspace.daily_cost;
  }
  let budget = 0;
  for (const group of state.groupsIn(organizationId)) {
    if (state.isInGroup(group, user.id)) budget += group.quota_allowance;
  }
  if (!isEnabled(state, 'template_rbac', now)) budget = -1;
  return json(200, { credits_consumed: consumed, budget });
}
