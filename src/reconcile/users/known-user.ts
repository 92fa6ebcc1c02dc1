import { readUser } from '../../coder/index.js';
import { isJsonArray } from '../../common/index.js';
import type { Json, JsonObject } from '../../common/index.js';
import type { UserTarget } from '../../directory/index.js';
import type { ObservedUser } from './observed-user.js';

/**
 * What was last seen of a linked account, where that may be gone by: null when Coder has to be asked. Whoever is to be deleted is
 * looked at first, as is whoever was logged out; and that somebody who leaves is shut out already is never taken for granted.
 */
export function knownUser(target: UserTarget): ObservedUser | null {
  const { known, link } = target;
  if (known === null || link === null || target.deleted || target.keysUntil !== null) return null;
  const account = accountIn(known);
  if (account === null || account.id !== link.coderId) return null;
  if (!target.active && account.status === 'suspended') return null;
  const organizationRoles = rolesIn(known['organizationRoles']);
  const { quietHours } = known;
  return {
    account,
    sameEmail: null,
    fresh: false,
    ...(organizationRoles && { organizationRoles }),
    ...(typeof quietHours === 'string' && { quietHours }),
  };
}

/** What is kept of a view until the next run; absent where there is nothing to keep. */
export function keepUser({ account, organizationRoles, quietHours }: ObservedUser): JsonObject | undefined {
  if (account === null) return undefined;
  return JSON.parse(
    JSON.stringify({
      account,
      ...(organizationRoles && { organizationRoles: [...organizationRoles] }),
      ...(quietHours !== undefined && quietHours !== '' && { quietHours }),
    }),
  ) as JsonObject;
}

/** Whether what is known of an account is what a list of Coder shows. */
export function sameAsKnown(known: JsonObject, listed: NonNullable<ObservedUser['account']>): boolean {
  const account = accountIn(known);
  if (account === null) return false;
  const told = ({
    username,
    name = '',
    email,
    status,
    organization_ids: organizations,
    roles,
  }: typeof listed) =>
    JSON.stringify([
      username,
      name,
      email,
      status,
      organizations.toSorted(),
      roles.map((role) => role.name).toSorted(),
    ]);
  return told(account) === told(listed);
}

/** Written by another version it may not be readable: then it is as if there were none. */
function accountIn(known: JsonObject): ObservedUser['account'] {
  try {
    return readUser(known['account']);
  } catch {
    return null;
  }
}

function rolesIn(value: Json | undefined): Map<string, string[]> | undefined {
  if (!isJsonArray(value)) return undefined;
  const entries = value.flatMap((entry): [string, string[]][] => {
    if (!isJsonArray(entry) || typeof entry[0] !== 'string' || !isJsonArray(entry[1])) return [];
    return [[entry[0], entry[1].filter((role) => typeof role === 'string')]];
  });
  return new Map(entries);
}
