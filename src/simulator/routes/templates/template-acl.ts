import { isUuid } from '../../../common/index.js';
import { SINCE_2024 } from '../../rules/releases.js';
import { cut, readPage } from '../../rules/query.js';
import { userSearch } from '../../rules/user-search.js';
import { fullUser, group as groupShape, reducedUser } from '../../render.js';
import {
  type Answer,
  badRequest,
  internal,
  json,
  notFound,
  rendered,
  type Validation,
} from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { TemplateRole, TemplateRow } from '../../state/tables.js';
import { templateParam } from '../lookup.js';

const ACL = '/api/v2/templates/{template}/acl';
const licence = { feature: 'template_rbac', title: 'Template RBAC', first: true };

export const templateAclRoutes: readonly Route[] = [
  { method: 'GET', path: ACL, licence, handle: show },
  { method: 'PATCH', path: ACL, licence, handle: merge },
  { method: 'GET', path: `${ACL}/available`, licence, handle: available },
];

/** Adds a field to an object that is JSON text already. */
function withRole(text: string, role: TemplateRole): string {
  return `${text.slice(0, -1)},"role":"${role}"}`;
}

/** One object, although the reference shows an array; its key for groups is singular. Dead ids are hidden. */
function show(call: Call): Answer {
  const { state } = call;
  const row = templateParam(call);
  if (!call.caller.managesTemplates(row.organization_id)) throw internal('unauthorized: rbac: forbidden');
  const users = Object.entries(row.user_acl).flatMap(([id, role]) => {
    const user = state.users.get(id);
    return user && !user.deleted ? [withRole(fullUser(state, user), role)] : [];
  });
  const groups = Object.entries(row.group_acl).flatMap(([id, role]) => {
    const group = state.groups.get(id);
    return group
      ? [
          withRole(
            groupShape(state, group, () => true),
            role,
          ),
        ]
      : [];
  });
  return rendered(200, `{"users":[${users.join(',')}],"group":[${groups.join(',')}]}`);
}

/** Merges: an empty role removes, also of ids that are not there. */
function merge(call: Call): Answer {
  const { state, caller, deployment } = call;
  const row = templateParam(call);
  const body = call.body();
  const faults: Validation[] = [];
  const user_acl = merged(row.user_acl, body.texts('user_perms'), 'user_perms', faults, (id) => {
    return state.users.get(id)?.deleted === false;
  });
  const group_acl = merged(row.group_acl, body.texts('group_perms'), 'group_perms', faults, (id) => {
    return state.groups.has(id);
  });
  if (faults.length > 0) throw badRequest('Invalid request to update template metadata!', '', faults);
  if (!caller.managesTemplates(row.organization_id)) throw internal('unauthorized: rbac: forbidden');
  const changed: TemplateRow = { ...row, user_acl, group_acl, updated_at: deployment.now() };
  state.put('template', row.id, changed);
  const { organization_id } = row;
  deployment.audit('write', 'template', row.id, row.name, caller.id, { organization_id });
  return json(200, { message: 'Successfully updated template ACL list.' });
}

type Acl = TemplateRow['user_acl'];

function merged(
  acl: Acl,
  perms: Readonly<Record<string, string>>,
  field: string,
  faults: Validation[],
  exists: (id: string) => boolean,
): Acl {
  const result = new Map(Object.entries(acl));
  for (const [key, role] of Object.entries(perms)) {
    const id = key.toLowerCase();
    const valid: boolean = isUuid(key);
    if (!valid) faults.push({ field, detail: `${key} is not a valid UUID.` });
    else if (role === '') result.delete(id);
    else if (role !== 'use' && role !== 'admin')
      faults.push({ field, detail: `role "${role}" is not a valid role` });
    else if (!exists(id)) faults.push({ field, detail: `Failed to find resource with ID "${key}"` });
    else result.set(id, role);
  }
  return Object.fromEntries(result);
}

/** Users and groups that could be given access; only users are paged and searched. */
function available(call: Call): Answer {
  const { state, caller, query } = call;
  const row = templateParam(call);
  if (!caller.managesTemplates(row.organization_id)) throw notFound();
  const search = userSearch(query.get('q') ?? '');
  const found = state.sorted.entries.filter(
    (entry) => state.isMember(row.organization_id, entry.user.id) && search(entry),
  );
  const old = SINCE_2024.includes(state.switches.profile);
  const users = cut(found, readPage(query)).map(({ user }) =>
    old ? fullUser(state, user) : reducedUser(user),
  );
  const groups = state.groupsIn(row.organization_id).map((group) => groupShape(state, group, () => true));
  return rendered(200, `{"users":[${users.join(',')}],"groups":[${groups.join(',')}]}`);
}
