import { ScimError } from './errors.js';

/** The versions that a condition names: any, or these (without quotes and the mark of weak ones). */
type Versions = '*' | ReadonlySet<string>;

/** What a request wants to be true of the resource before anything is done (RFC 9110 section 13, RFC 7644 section 3.14). */
export interface Conditions {
  readonly match?: Versions;
  readonly noneMatch?: Versions;
}

/** A tag in quotes, weak or not; without quotes too, as some clients send `meta.version` back so. */
const TAG = /(?:W\/)?"([^"]*)"|([^\s,"]+)/gi;

/**
 * Reads the headers `If-Match` and `If-None-Match`. Weak and strong tags are the same here: all of the bridge's are weak, and
 * RFC 7644 section 3.14 compares them even so.
 */
export function readConditions(ifMatch: string | undefined, ifNoneMatch: string | undefined): Conditions {
  return {
    ...(ifMatch === undefined ? {} : { match: readVersions(ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { noneMatch: readVersions(ifNoneMatch) }),
  };
}

function readVersions(header: string): Versions {
  if (header.trim() === '*') return '*';
  return new Set([...header.matchAll(TAG)].map(([, quoted, bare]) => quoted ?? bare ?? ''));
}

/**
 * Asks a change's conditions of the resource as it is about to be changed.
 *
 * @param version of the resource itself; what else is shown with it (a user's groups) is nothing that a change could lose
 * @throws ScimError 412
 */
export function requireConditions({ match, noneMatch }: Conditions, version: number): void {
  if (match !== undefined && !names(match, version)) {
    throw new ScimError('preconditionFailed', 'If-Match: the resource has another version; read it again');
  }
  if (noneMatch !== undefined && names(noneMatch, version)) {
    throw new ScimError('preconditionFailed', 'If-None-Match: the resource exists and has this version');
  }
}

/** Whether an answer with this entity tag would tell the client nothing new (304). */
export function isUnmodified({ noneMatch }: Conditions, entityTag: string): boolean {
  if (noneMatch === undefined) return false;
  if (noneMatch === '*') return true;
  const [known = ''] = readVersions(entityTag);
  return noneMatch.has(known);
}

/** The entity tag of a version, and of what is shown with the resource without being part of it. */
export function entityTag(version: number, shownWithIt = ''): string {
  return `W/"${version}${shownWithIt === '' ? '' : `.${digest(shownWithIt)}`}"`;
}

function names(versions: Versions, version: number): boolean {
  if (versions === '*') return true;
  const wanted = String(version);
  return [...versions].some((tag) => tag.split('.', 1)[0] === wanted);
}

/** FNV-1a, 32 bits: tells two lists of groups apart, and protects nothing. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}
