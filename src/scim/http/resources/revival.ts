import type { JsonObject } from '../../../common/index.js';
import { DirectoryError, type Pushed, type StoredUser, type Users } from '../../../directory/index.js';
import { parseFilter, readUser, userFacts, userType, type UserFacts } from '../../protocol/index.js';
import type { ScimContext } from '../request/context.js';
import { directoryQuery } from '../lists/directory-query.js';

/**
 * What a creation comes to that collided, on a connection whose client creates a person again who is inactive: the user
 * that there is, replaced by what was sent, with the id that it had.
 *
 * @returns undefined where nobody is to be revived, so that the collision stands
 */
export async function revive(
  users: Users,
  context: ScimContext,
  body: JsonObject,
  collision: unknown,
): Promise<Pushed<StoredUser> | undefined> {
  const { tolerance } = context;
  if (!tolerance.permits('reviveInactive') || !isCollision(collision)) return undefined;
  const id = await inactiveTwin(users, context, userFacts(readUser(body, tolerance), tolerance));
  if (id === undefined) return undefined;
  return users.change(context, id, (current) => {
    if (current.active) throw collision;
    return userFacts(readUser(body, tolerance), tolerance);
  });
}

function isCollision(error: unknown): error is DirectoryError {
  return (
    error instanceof DirectoryError && (error.code === 'userNameTaken' || error.code === 'externalIdTaken')
  );
}

/**
 * The inactive user that the client means: of the same externalId, else of the same userName unless both have an
 * externalId: then the name was given to somebody else.
 */
async function inactiveTwin(
  users: Users,
  context: ScimContext,
  { userName, externalId }: UserFacts,
): Promise<string | undefined> {
  const find = async (condition: string) => {
    const query = directoryQuery(userType, parseFilter(`active eq false and ${condition}`));
    const { items } = await users.list(context.connectionId, {
      query,
      offset: 0,
      limit: 1,
      withReferences: false,
    });
    return items[0]?.id;
  };
  const byName = `userName eq ${JSON.stringify(userName)}`;
  if (externalId === null) return find(byName);
  const byExternalId = await find(`externalId eq ${JSON.stringify(externalId)}`);
  return byExternalId ?? find(`${byName} and not (externalId pr)`);
}
