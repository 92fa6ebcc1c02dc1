import { readGroup } from '../../coder/index.js';
import type { CoderGroup } from '../../coder/index.js';
import type { JsonObject } from '../../common/index.js';
import type { GroupTarget } from '../../directory/index.js';

/**
 * What was last seen of a linked group, where that may be gone by: its attributes, and as members those whom the bridge owns. Null
 * when Coder has to be asked: for a group that is deleted with everybody in it, and where those count whom nobody stated.
 */
export function knownGroup(target: GroupTarget, strict: boolean): CoderGroup | null {
  const { known, link, ownedMembers } = target;
  if (known === null || link === null || target.deleted || strict) return null;
  const group = attributesIn(known);
  if (group === null || group.id !== link.coderId) return null;
  return { ...group, members: ownedMembers.map(member) };
}

/** What is kept of a group until the next run: all but its members, whose rows are kept anyway. */
export function keepGroup(group: CoderGroup): JsonObject {
  const { total_member_count: _counted, ...rest } = group;
  return JSON.parse(JSON.stringify({ group: { ...rest, members: [] } })) as JsonObject;
}

/** Whether what is known of a group is what a list of Coder shows. */
export function sameGroupAsKnown(known: JsonObject, listed: CoderGroup): boolean {
  const group = attributesIn(known);
  const told = ({
    name,
    display_name: shown = '',
    avatar_url: picture = '',
    quota_allowance: quota,
  }: CoderGroup) => JSON.stringify([name, shown, picture, quota]);
  return group !== null && told(group) === told(listed);
}

/** Written by another version it may not be readable: then it is as if there were none. */
function attributesIn(known: JsonObject): CoderGroup | null {
  try {
    return readGroup(known['group']);
  } catch {
    return null;
  }
}

/** Planning looks at nothing but the id. */
function member(id: string): CoderGroup['members'][number] {
  return { id, username: id, email: '', status: 'active', created_at: '' };
}
