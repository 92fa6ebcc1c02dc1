import { fold } from '../../common/index.js';
import { DirectoryError } from '../model.js';
import type { GroupState, UserState } from '../model.js';

/** Longest string that is looked up by an index, in UTF-16 code units: a B-tree takes no more than a third of a page. */
export const MAX_INDEXED_LENGTH = 512;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether PostgreSQL can hold the string: no NUL, no half of a surrogate pair. */
export function isStorable(value: string): boolean {
  return !value.includes('\0') && !LONE_SURROGATE.test(value);
}

function check(name: string, value: string | null): void {
  if (value === null) return;
  if (value.length > MAX_INDEXED_LENGTH || fold(value).length > MAX_INDEXED_LENGTH) {
    throw new DirectoryError('invalidValue', `${name} is longer than ${MAX_INDEXED_LENGTH} characters`, [
      name,
    ]);
  }
  if (!isStorable(value)) {
    throw new DirectoryError('invalidValue', `${name} contains a character that cannot be stored`, [name]);
  }
}

/** @throws DirectoryError invalidValue where an indexed string is too long or cannot be stored */
export function checkUser(state: UserState): void {
  check('userName', state.userName);
  check('externalId', state.externalId);
  check('email', state.email);
}

/** @throws DirectoryError invalidValue where an indexed string is too long or cannot be stored */
export function checkGroup(state: GroupState): void {
  check('displayName', state.displayName);
  check('externalId', state.externalId);
}
