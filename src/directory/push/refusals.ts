import { UniqueViolation } from '../../database/index.js';
import { DirectoryError } from '../model.js';

const TAKEN: ReadonlyMap<string, readonly [DirectoryError['code'], string, string]> = new Map([
  ['users_user_name', ['userNameTaken', 'another user has this userName', 'userName']],
  ['users_external_id', ['externalIdTaken', 'another user has this externalId', 'externalId']],
  ['groups_display_name', ['displayNameTaken', 'another group has this displayName', 'displayName']],
  ['groups_external_id', ['externalIdTaken', 'another group has this externalId', 'externalId']],
]);

/** Runs a command, and says in the directory's words which unique attribute refused it. */
export async function refusing<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    const taken = error instanceof UniqueViolation ? TAKEN.get(error.constraint) : undefined;
    if (!taken) throw error;
    const [code, message, attribute] = taken;
    throw new DirectoryError(code, message, [attribute]);
  }
}

/** @returns the error for a resource that is not there (in this connection) */
export function notFound(what: 'user' | 'group', id: string): DirectoryError {
  return new DirectoryError('notFound', `there is no such ${what}`, [id]);
}
