import { fold } from '../common/index.js';
import {
  firstFree,
  hexDigits,
  isCandidate,
  isValidName,
  nameCandidates,
  shortId,
  tidyName,
} from './candidates.js';

/** Coder's limit of a username. */
export const USERNAME_LIMIT = 32;

/**
 * The Coder username for a userName, by the rules of Coder's own SCIM server and OIDC login, so that a person gets the
 * same name whichever way they come: valid input is kept; else the part before the last `@`, without all characters
 * but letters, digits and hyphens. Where Coder would then fall back to two random words, the name is mended (hyphens,
 * length) if anything is left of it, and else is `user-` and eight hex digits of the id: a name that differs from run to
 * run would make a repeated creation a second person.
 */
export function deriveUsername(userName: string, id: string): string {
  if (isValidName(userName, USERNAME_LIMIT)) return userName;
  const at = userName.lastIndexOf('@');
  const local = at >= 0 ? userName.slice(0, at) : userName;
  const name = tidyName(local.replace(/[^a-zA-Z0-9-]/g, ''), USERNAME_LIMIT);
  return isValidName(name, USERNAME_LIMIT) ? name : `user-${shortId(id)}`;
}

/** `ann`, `ann-2`, `ann-3`, ... without end, each a valid username. */
export function usernameCandidates(userName: string, id: string): Generator<string, never> {
  return nameCandidates(deriveUsername(userName, id), USERNAME_LIMIT);
}

/** The first candidate that is not taken. @param isTaken is asked with the folded name: Coder compares without case */
export function freeUsername(userName: string, id: string, isTaken: (foldedName: string) => boolean): string {
  const free = firstFree(usernameCandidates(userName, id), (name) => isTaken(fold(name)));
  return free ?? `user-${hexDigits(id)}`.slice(0, USERNAME_LIMIT);
}

/** Whether `username` is one of the candidates for `userName`, in whatever case. */
export function isUsernameFor(username: string, userName: string, id: string): boolean {
  return isCandidate(fold(username), fold(deriveUsername(userName, id)), USERNAME_LIMIT);
}
