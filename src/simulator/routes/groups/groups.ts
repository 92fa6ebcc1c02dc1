import { isUuid } from '../../../common/index.js';
import { isDisplayName, isGroupName } from '../../rules/names.js';
import { Query } from '../../rules/query.js';
import { group as groupShape } from '../../render.js';
import {
  type Answer,
  ApiFailure,
  badRequest,
  internal,
  json,
  notFound,
  rendered,
} from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import { EVERYONE } from '../../state/deployment.js';
import type { GroupRow } from '../../state/rows.js';
import { groupParam, organizationParam } from '../lookup.js';
import { patchGroup } from './patch-group.js';

const IN_ORGANIZATION = '/api/v2/organizations/{organization}/groups';
const feature = { feature: 'template_rbac', title: 'Template RBAC' };
/** `/groups...` asks for the licence before the token, the organization's groups after it. */
const first = { ...feature, first: true };
const second = { ...feature, first: false };

export const groupRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/groups', licence: first, notIn: ['s-old'], handle: listGroups },
  {
    method: 'GET',
    path: '/api/v2/groups/{group}',
    licence: first,
    handle: (call) => rendered(200, renderGroup(call, groupParam(call))),
  },
  {
    method: 'PATCH',
    path: '/api/v2/groups/{group}',
    licence: first,
    handle: (call) => rendered(200, renderGroup(call, patchGroup(call, groupParam(call)))),
  },
  { method: 'DELETE', path: '/api/v2/groups/{group}', licence: first, handle: deleteGroup },
  { method: 'GET', path: IN_ORGANIZATION, licence: second, handle: organizationGroups },
  { method: 'POST', path: IN_ORGANIZATION, licence: second, handle: createGroup },
  { method: 'GET', path: `${IN_ORGANIZATION}/{groupName}`, licence: second, handle: groupByName },
];

function renderGroup(call: Call, group: GroupRow): string {
  const { caller, state } = call;
  const all = caller.readsMembers(group.organization_id);
  return groupShape(state, group, (user) => all || user.id === caller.id);
}

/** All members are embedded; there is no paging. */
function renderGroups(call: Call, groups: Iterable<GroupRow>): Answer {
  const texts: string[] = [];
  for (const group of groups) if (call.caller.readsGroup(group)) texts.push(renderGroup(call, group));
  return rendered(200, `[${texts.join(',')}]`);
}

/** Filters take names or ids; a name that does not exist is 400, an unknown uuid just finds nothing. */
function listGroups(call: Call): Answer {
  const { state } = call;
  const query = new Query(call.query);
  query.only('organization', 'has_member', 'group_ids');
  const organization = resolve(query, 'organization', (name) => state.organizationByName(name)?.id);
  const member = resolve(query, 'has_member', (name) => state.userByUsername(name)?.id);
  const ids = query.text('group_ids')
    ? query
        .text('group_ids')
        .split(',')
        .map((id) => id.trim().toLowerCase())
    : [];
  const bad = ids.filter((id) => !isUuid(id));
  if (bad.length > 0)
    query.fault('group_ids', `Query param "group_ids" has invalid values: ${bad.join(',')}`);
  query.check();
  const wanted = [...state.groups.values()].filter(
    (group) =>
      (!organization || group.organization_id === organization) &&
      (!member || state.isInGroup(group, member)) &&
      (ids.length === 0 || ids.includes(group.id)),
  );
  return renderGroups(call, wanted);
}

function resolve(query: Query, name: string, find: (text: string) => string | undefined): string {
  const text = query.text(name);
  if (!text) return '';
  const byId: boolean = isUuid(text);
  if (byId) return text.toLowerCase();
  const id = find(text);
  if (id === undefined) {
    query.fault(
      name,
      `Query param "${name}" has invalid value: "${text}" does not exist, or you are unauthorized to view it`,
    );
  }
  return id ?? '';
}

function organizationGroups(call: Call): Answer {
  return renderGroups(call, call.state.groupsIn(organizationParam(call).id));
}

/** By its exact name. */
function groupByName(call: Call): Answer {
  const { id } = organizationParam(call);
  const group = call.state.groupByName(id, call.param('groupName'));
  if (!group || !call.caller.readsGroup(group)) throw notFound();
  return rendered(200, renderGroup(call, group));
}

function createGroup(call: Call): Answer {
  const organization = organizationParam(call);
  const body = call.body();
  const name = body.string('name') ?? '';
  const displayName = body.string('display_name') ?? '';
  body.rule(name ? 'group_name' : 'required', 'name', name, isGroupName(name, call.state.switches.profile));
  body.rule('group_display_name', 'display_name', displayName, isDisplayName(displayName));
  const avatar = body.string('avatar_url') ?? '';
  const quota = body.int32('quota_allowance') ?? 0;
  body.check();
  if (name === EVERYONE) {
    throw badRequest('Invalid group name.', '', [
      { field: 'name', detail: `"${name}" is a reserved group name` },
    ]);
  }
  if (!call.caller.managesMembers(organization.id)) throw internal('unauthorized: rbac: forbidden');
  if (call.state.groupByName(organization.id, name)) {
    const taken = { field: 'name', detail: 'Group names must be unique' };
    throw new ApiFailure(409, `A group named "${name}" already exists.`, '', [taken]);
  }
  const fields = { name, display_name: displayName, avatar_url: avatar, quota_allowance: quota };
  return rendered(
    201,
    renderGroup(call, call.deployment.createGroup(organization.id, fields, call.caller.id)),
  );
}

/** Answers a message, not the group. */
function deleteGroup(call: Call): Answer {
  const group = groupParam(call);
  if (group.id === group.organization_id)
    throw badRequest(`"${EVERYONE}" is a reserved group and cannot be deleted!`);
  if (!call.caller.managesMembers(group.organization_id)) throw internal('unauthorized: rbac: forbidden');
  call.deployment.deleteGroup(group, call.caller.id);
  return json(200, { message: 'Successfully deleted group!' });
}
