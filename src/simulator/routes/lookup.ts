import { isUuid } from '../../common/index.js';
import { type ApiFailure, badRequest, notFound } from '../server/answers.js';
import type { Call } from '../server/route.js';
import type { TemplateRow, WorkspaceRow } from '../state/tables.js';
import type { GroupRow, MemberRow, OrganizationRow, UserRow } from '../state/rows.js';

const NIL = '00000000-0000-0000-0000-000000000000';

/**
 * `{user}` of the path: uuid (deleted users too), username or `me`; never an email.
 * @throws ApiFailure 400, not 404, when it does not resolve or the caller may not read it
 */
export function userParam(call: Call): UserRow {
  const text = call.param('user');
  if (text === 'me') return call.caller.user;
  const user = isUuid(text) ? call.state.users.get(text.toLowerCase()) : call.state.userByUsername(text);
  if (!user || !call.caller.readsUser(user.id)) throw unresolvedUser();
  return user;
}

function unresolvedUser(): ApiFailure {
  return badRequest('"user" must be an existing uuid or username.');
}

/** `{organization}` of the path: uuid, name, `default` or the nil uuid. @throws ApiFailure 404 */
export function organizationParam(call: Call): OrganizationRow {
  const { state } = call;
  const text = call.param('organization');
  const found =
    text === 'default' || text === NIL
      ? state.defaultOrganization
      : (state.organizations.get(text.toLowerCase()) ?? state.organizationByName(text));
  if (!found || !call.caller.readsOrganization(found.id)) throw notFound();
  return found;
}

/** The organization and the membership of `{user}` in it. @throws ApiFailure 404 when there is none */
export function memberParam(call: Call): { organization: OrganizationRow; user: UserRow; member: MemberRow } {
  const organization = organizationParam(call);
  const user = userParam(call);
  const member = call.state.members.get(organization.id)?.get(user.id);
  if (!member) throw notFound();
  return { organization, user, member };
}

/** `{group}` of the path: only a uuid. @throws ApiFailure 400 for anything else, 404 */
export function groupParam(call: Call): GroupRow {
  const group = call.state.groups.get(uuidParam(call, 'group'));
  if (!group || !call.caller.readsGroup(group)) throw notFound();
  return group;
}

/** `{template}` of the path: only a uuid. @throws ApiFailure 400 for anything else, 404 */
export function templateParam(call: Call): TemplateRow {
  const row = call.state.tables.get('template', uuidParam(call, 'template'));
  if (!row || !call.caller.readsTemplate(row)) throw notFound();
  return row;
}

/** `{workspace}` of the path: only a uuid. @throws ApiFailure 400 for anything else, 404 */
export function workspaceParam(call: Call): WorkspaceRow {
  const row = call.state.tables.get('workspace', uuidParam(call, 'workspace'));
  if (!row || !call.caller.readsWorkspaces(row.organization_id, row.owner_id)) throw notFound();
  return row;
}

function uuidParam(call: Call, name: string): string {
  const text = call.param(name);
  const valid: boolean = isUuid(text);
  if (!valid) throw badRequest('Invalid UUID.', '', [{ field: name, detail: `"${text}" is not a uuid` }]);
  return text.toLowerCase();
}

/** The nil uuid in a body means the default organization too. */
export function organizationById(call: Call, id: string): OrganizationRow | undefined {
  return id === NIL ? call.state.defaultOrganization : call.state.organizations.get(id);
}
