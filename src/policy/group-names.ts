import { fold } from '../common/index.js';
import { firstFree, hexDigits, isCandidate, nameCandidates, shortId, tidyName } from './candidates.js';

/** Coder's limit of a group name. */
export const GROUP_NAME_LIMIT = 255;

/** Refused by Coder (`Everyone` in this very spelling only), or too easily taken for what is refused. */
const RESERVED: ReadonlySet<string> = new Set(['new', 'create', 'everyone']);

/**
 * The Coder group name for a displayName: accents are taken off their letters (NFKD), other letters beyond ASCII are left
 * out, the rest becomes lower case words joined by hyphens. What leaves nothing, or a reserved name, becomes
 * `group-` and eight hex digits of the target's id. The displayName itself is kept as Coder's display name.
 */
export function groupSlug(displayName: string, targetId: string): string {
  const ascii = displayName
    .normalize('NFKD')
    .replace(/[\p{L}\p{M}\p{N}]/gu, (letter) => (letter <= '\x7f' ? letter : ''))
    .toLowerCase();
  const slug = tidyName(ascii.replace(/[^a-z0-9]+/g, '-'), GROUP_NAME_LIMIT);
  return slug === '' || RESERVED.has(slug) ? `group-${shortId(targetId)}` : slug;
}

/** `engineering`, `engineering-2`, ... without end, each a valid group name. */
export function groupNameCandidates(displayName: string, targetId: string): Generator<string, never> {
  return nameCandidates(groupSlug(displayName, targetId), GROUP_NAME_LIMIT);
}

/** The first candidate that is not taken. @param isTaken is asked with the folded name */
export function freeGroupName(
  displayName: string,
  targetId: string,
  isTaken: (foldedName: string) => boolean,
): string {
  const free = firstFree(groupNameCandidates(displayName, targetId), (name) => isTaken(fold(name)));
  return free ?? `group-${hexDigits(targetId)}`.slice(0, GROUP_NAME_LIMIT);
}

/** Whether `name` is one of the candidates for `displayName`. */
export function isGroupNameFor(name: string, displayName: string, targetId: string): boolean {
  return isCandidate(name, groupSlug(displayName, targetId), GROUP_NAME_LIMIT);
}

/**
 * Whether Coder's API takes a name for a group as it is: letters and digits joined by single hyphens, not `new` or `create`, nor the
 * name of the group of all.
 */
export function isCoderGroupName(name: string): boolean {
  return (
    name.length <= GROUP_NAME_LIMIT &&
    /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/.test(name) &&
    !['new', 'create', 'Everyone'].includes(name)
  );
}
