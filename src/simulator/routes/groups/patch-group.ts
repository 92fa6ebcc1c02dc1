import { isUuid } from '../../../common/index.js';
import { isDisplayName, isGroupName } from '../../rules/names.js';
import { ApiFailure, badRequest } from '../../server/answers.js';
import type { Call } from '../../server/route.js';
import { EVERYONE } from '../../state/deployment.js';
import type { GroupRow } from '../../state/rows.js';

interface Patch {
  /** Empty: no change. */
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly avatarUrl?: string | undefined;
  readonly quota?: number | undefined;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** `PATCH /groups/{group}`: the checks in Coder's order; the first hit answers and nothing is applied. */
export function patchGroup(call: Call, group: GroupRow): GroupRow {
  const patch = read(call, group);
  checkEveryone(group, patch);
  const add = patch.add.map((id) => memberId(call, group, id));
  const remove = patch.remove.map((id) => memberId(call, group, id));
  if (patch.name && call.state.groupByName(group.organization_id, patch.name)) {
    throw new ApiFailure(409, `A group with name "${patch.name}" already exists.`);
  }
  if (!call.caller.managesMembers(group.organization_id)) {
    throw badRequest('Failed to add or remove non-existent group member', 'unauthorized: rbac: forbidden');
  }
  checkTwice(call, group, add);
  const fields = {
    ...(patch.name && { name: patch.name }),
    ...(patch.displayName !== undefined && { display_name: patch.displayName }),
    ...(patch.avatarUrl !== undefined && { avatar_url: patch.avatarUrl }),
    ...(patch.quota !== undefined && { quota_allowance: patch.quota }),
  };
  return call.deployment.updateGroup(group, fields, { add, remove }, call.caller.id);
}

function read(call: Call, group: GroupRow): Patch {
  const body = call.body();
  const name = body.string('name') ?? '';
  const displayName = body.string('display_name');
  body.rule('group_name', 'name', name, name === '' || isGroupName(name, call.state.switches.profile));
  body.rule('group_display_name', 'display_name', displayName ?? '', isDisplayName(displayName ?? ''));
  const avatarUrl = body.string('avatar_url');
  const quota = body.int32('quota_allowance');
  const [add, remove] = [body.strings('add_users'), body.strings('remove_users')];
  body.check();
  // The present name is no change.
  return { name: name === group.name ? '' : name, displayName, avatarUrl, quota, add, remove };
}

/** Of Everyone only quota and avatar may change. */
function checkEveryone(group: GroupRow, patch: Patch): void {
  if (group.id !== group.organization_id) {
    if (patch.name === EVERYONE) throw badRequest(`"${EVERYONE}" is a reserved group name!`);
    return;
  }
  if (patch.name) throw badRequest(`Cannot rename the "${EVERYONE}" group!`);
  if (patch.displayName) throw badRequest(`Cannot update the display name of the "${EVERYONE}" group!`);
  if (patch.add.length > 0 || patch.remove.length > 0) {
    throw new ApiFailure(403, `Cannot add or remove users from the "${EVERYONE}" group!`);
  }
}

/** Removed ones must be in the organization too; the text prints the group's name, not the organization's. */
function memberId(call: Call, group: GroupRow, id: string): string {
  const valid: boolean = isUuid(id);
  if (!valid) throw badRequest(`ID "${id}" must be a valid user UUID.`);
  const user = call.state.users.get(id.toLowerCase());
  if (user && !user.deleted && call.state.isMember(group.organization_id, user.id)) return user.id;
  throw badRequest(`User "${id}" must be a member of organization "${group.name}"`);
}

/** The unique index refuses a member that is there already, or an id given twice, and the transaction is rolled back. */
function checkTwice(call: Call, group: GroupRow, add: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of add) {
    if (seen.has(id) || call.state.isInGroup(group, id)) {
      throw badRequest(
        'Cannot add the same user to a group twice!',
        'duplicate key value violates unique constraint',
      );
    }
    seen.add(id);
  }
}
