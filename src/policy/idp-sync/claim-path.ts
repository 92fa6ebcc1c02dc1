import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import type { ReadClaims } from './claim-values.js';
import { shown } from './decision.js';

/**
 * Where the bridge looks for a claim that Coder could not read by itself: nested (Keycloak's `realm_access.roles`), namespaced
 * (Auth0's `https://acme.example/roles`), or in another form than a list of texts. Beyond Coder's own rules, so that it
 * applies only to claims that the configuration names.
 */
export interface ClaimPath {
  /** The first that is there counts: the exact name, else a path whose steps are joined by dots. */
  readonly paths: readonly string[];
  /** Where one text holds several values (OneLogin's `;`); null: a text is one value, as names have commas. */
  readonly separator: string | null;
  /** Whether an absent claim means "none" (providers that leave out empty lists); else it is not known. */
  readonly absentIsEmpty: boolean;
}

const MOST_VALUES = 1_000;
const LONGEST_VALUE = 256;
/** Keys that providers put a group's or role's name under, best first. */
const NAME_KEYS = ['name', 'value', 'displayName', 'id'];

/** The claims with those in place that the paths speak of, each as a list of texts; all others stay as they are. */
export function withClaimPaths(read: ReadClaims, paths: ReadonlyMap<string, ClaimPath>): ReadClaims {
  if (paths.size === 0) return read;
  const claims = new Map(Object.entries(read.claims));
  const unreadable = new Map(Object.entries(read.unreadable));
  for (const [field, path] of paths) {
    const found = valuesAt(read, path);
    claims.delete(field);
    unreadable.delete(field);
    if ('values' in found) claims.set(field, found.values);
    else unreadable.set(field, found.why);
  }
  // fromEntries defines own properties, whatever they are called
  return { claims: Object.fromEntries(claims), unreadable: Object.fromEntries(unreadable) };
}

type Found = { readonly values: readonly string[] } | { readonly why: string };

function valuesAt({ claims, unreadable }: ReadClaims, path: ClaimPath): Found {
  for (const one of path.paths) {
    const withheld = prefixesOf(one).find((name) => Object.hasOwn(unreadable, name));
    if (withheld !== undefined) return { why: unreadable[withheld] ?? '' };
    const value = lookUp(claims, one);
    if (value !== undefined) return normalised(value, path.separator);
  }
  if (path.absentIsEmpty) return { values: [] };
  return { why: `there is nothing at ${path.paths.map(shown).join(' or ')}` };
}

/** The exact name first; then the longest name that is there, and the rest below it. */
function lookUp(claims: JsonObject, path: string): Json | undefined {
  for (const name of prefixesOf(path)) {
    if (!Object.hasOwn(claims, name)) continue;
    const value = claims[name];
    if (name === path) return value;
    const below = isJsonObject(value) ? lookUp(value, path.slice(name.length + 1)) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

/** `a.b.c`, `a.b`, `a`. */
function prefixesOf(path: string): string[] {
  const steps = path.split('.');
  return steps.map((_, cut) => steps.slice(0, steps.length - cut).join('.'));
}

function normalised(value: Json, separator: string | null): Found {
  const items = itemsOf(value, separator);
  if (items === null) return { why: 'it is neither a text nor a list' };
  const values = new Set<string>();
  for (const item of items) {
    const name = nameOf(item)?.trim() ?? '';
    if (name !== '' && name.length <= LONGEST_VALUE) values.add(name);
  }
  // A part of the list would look like the whole, and the rest like withdrawn.
  if (values.size > MOST_VALUES) return { why: `it has more than ${MOST_VALUES} values` };
  return { values: [...values] };
}

function itemsOf(value: Json, separator: string | null): readonly Json[] | null {
  if (value === null) return [];
  if (isJsonArray(value)) return value;
  if (isJsonObject(value)) return nameOf(value) === null ? null : [value];
  if (typeof value !== 'string') return null;
  const list = value.trimStart().startsWith('[') ? parsedList(value) : null;
  return list ?? (separator === null ? [value] : value.split(separator));
}

/** A list that was put into a text: some providers' attributes can be nothing else. */
function parsedList(text: string): readonly Json[] | null {
  try {
    const parsed = JSON.parse(text) as Json;
    return isJsonArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function nameOf(item: Json): string | null {
  if (typeof item === 'string') return item;
  if (!isJsonObject(item)) return null;
  for (const key of NAME_KEYS) {
    const name = Object.hasOwn(item, key) ? item[key] : undefined;
    if (typeof name === 'string' && name !== '') return name;
  }
  return null;
}
