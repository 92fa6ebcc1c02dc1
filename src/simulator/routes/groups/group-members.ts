import { cut, readPage } from '../../rules/query.js';
import { SINCE_2026 } from '../../rules/releases.js';
import { userSearch } from '../../rules/user-search.js';
import { group as groupShape, reducedUser } from '../../render.js';
import { type Answer, notFound, rendered } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { GroupRow } from '../../state/rows.js';
import { groupParam, organizationParam } from '../lookup.js';

const GROUPS = '/api/v2/organizations/{organization}/groups';
const feature = { feature: 'template_rbac', title: 'Template RBAC' };
const notIn = SINCE_2026;

/** Lists in pages, of 2026. */
export const groupMemberRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/groups/{group}/members',
    notIn,
    licence: { ...feature, first: true },
    handle: (call) => members(call, groupParam(call)),
  },
  {
    method: 'GET',
    path: `${GROUPS}/{groupName}/members`,
    notIn,
    licence: { ...feature, first: false },
    handle: byName,
  },
  {
    method: 'GET',
    path: '/api/v2/organizations/{organization}/paginated-groups',
    notIn,
    licence: { ...feature, first: false },
    handle: pagedGroups,
  },
];

function members(call: Call, group: GroupRow): Answer {
  const { state, caller, query } = call;
  const search = userSearch(query.get('q') ?? '');
  const all = caller.readsMembers(group.organization_id);
  const found = state.sorted.entries.filter(
    (entry) => state.isInGroup(group, entry.user.id) && (all || entry.user.id === caller.id) && search(entry),
  );
  const users = cut(found, readPage(query)).map(({ user }) => reducedUser(user));
  return rendered(200, `{"users":[${users.join(',')}],"count":${found.length}}`);
}

function byName(call: Call): Answer {
  const group = call.state.groupByName(organizationParam(call).id, call.param('groupName'));
  if (!group || !call.caller.readsGroup(group)) throw notFound();
  return members(call, group);
}

function pagedGroups(call: Call): Answer {
  const { state, caller, query } = call;
  const { id } = organizationParam(call);
  const wanted = (query.get('q') ?? '').toLowerCase();
  const found = state
    .groupsIn(id)
    .filter((group) => caller.readsGroup(group) && group.name.toLowerCase().includes(wanted))
    .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const all = caller.readsMembers(id);
  const shown = cut(found, readPage(query)).map((group) =>
    groupShape(state, group, (user) => all || user.id === caller.id),
  );
  return rendered(200, `{"groups":[${shown.join(',')}],"count":${found.length}}`);
}
