/** Coder's rule for usernames and group names: ASCII letters and digits, single hyphens between them. */
const NAME = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/;

/** Names that Coder refuses because its own pages have these paths (`/groups/create`). */
const RESERVED: ReadonlySet<string> = new Set(['new', 'create']);

/** How many candidates are tried before {@link firstFree} gives up. */
const MOST_CANDIDATES = 100_000;

/** Whether Coder takes `name` as a username (32) or a group name (255). @param limit in bytes, which ASCII makes characters */
export function isValidName(name: string, limit: number): boolean {
  return name.length <= limit && !RESERVED.has(name) && NAME.test(name);
}

/** At most `limit` characters of a name of letters, digits and hyphens; single hyphens, none at the edges. */
export function tidyName(name: string, limit: number): string {
  const single = name.replace(/-+/g, '-').replace(/^-/, '');
  return single.slice(0, limit).replace(/-$/, '');
}

/**
 * `base`, `base-2`, `base-3`, ... without end, each once; the base is cut so that the number fits into `limit`. A base that
 * fills the limit and ends in `-2` is its own second candidate, which is passed over.
 */
export function* nameCandidates(base: string, limit: number): Generator<string, never> {
  yield base;
  for (let number = 2; ; number += 1) {
    const name = numbered(base, number, limit);
    if (name !== base) yield name;
  }
}

/** Whether `name` is one of the candidates of `base`: then it was chosen for it once, and may be kept. */
export function isCandidate(name: string, base: string, limit: number): boolean {
  if (name === base) return true;
  const number = /-([1-9][0-9]{0,8})$/.exec(name)?.[1];
  return number !== undefined && Number(number) >= 2 && numbered(base, Number(number), limit) === name;
}

/** The first candidate that is not taken; undefined when there is none among very many. */
export function firstFree(
  candidates: Iterable<string>,
  isTaken: (name: string) => boolean,
): string | undefined {
  let tried = 0;
  for (const name of candidates) {
    if (!isTaken(name)) return name;
    tried += 1;
    if (tried >= MOST_CANDIDATES) break;
  }
  return undefined;
}

/**
 * Eight hex digits that tell resources apart where a name leaves nothing to go by. The last digits are taken: the first
 * ones of a UUIDv7 are its time and are the same for all that is created within a minute.
 */
export function shortId(id: string): string {
  return hexDigits(id).slice(-8).padStart(8, '0');
}

/** All hex digits of an id, in lower case. */
export function hexDigits(id: string): string {
  return id.toLowerCase().replace(/[^0-9a-f]/g, '');
}

function numbered(base: string, number: number, limit: number): string {
  const suffix = `-${number}`;
  return base.slice(0, limit - suffix.length).replace(/-$/, '') + suffix;
}
