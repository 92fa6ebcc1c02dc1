import type { ClaimPathConfig, IdpSyncConfig } from './idp-sync-model.js';
import { isMapping } from './rules.js';

/** Collects faults with their place in the file. */
type Fault = (path: string, problem: string) => void;
/** Reads one value of the file. Undefined: it is a fault, which has been told. */
type Reader<T> = (value: unknown, path: string, fault: Fault) => T | undefined;

const MOST_VALUES = 5_000;
const MOST_TARGETS = 1_000;
const MOST_ORGANIZATIONS = 1_000;
const MOST_PATHS = 20;
const LONGEST = 512;
const LONGEST_FILTER = 4_096;
const MOST_STEPS = 12;

function is<T>(expected: string, test: (value: unknown) => value is T): Reader<T> {
  return (value, path, fault) => {
    if (test(value)) return value;
    fault(path, `expected ${expected}`);
    return undefined;
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST;
const isKey = (value: unknown): value is string => isText(value) && value !== '';

const text = is(`a text of at most ${LONGEST} characters`, isText);
const flag = is('true or false', (value): value is boolean => typeof value === 'boolean');
const filter = is(
  `a regular expression of at most ${LONGEST_FILTER} characters, or null`,
  (value): value is string | null =>
    value === null || (typeof value === 'string' && value.length <= LONGEST_FILTER),
);

const texts: Reader<readonly string[]> = (value, path, fault) => {
  const list: unknown = typeof value === 'string' ? [value] : value;
  if (Array.isArray(list) && list.length <= MOST_TARGETS && list.every(isKey)) return list;
  fault(path, `expected a text or a list of at most ${MOST_TARGETS} texts`);
  return undefined;
};

/** A mapping of any names to values of one kind. */
function mapOf<T>(read: Reader<T>, most: number): Reader<ReadonlyMap<string, T>> {
  return (value, path, fault) => {
    if (!isMapping(value) || Object.keys(value).length > most) {
      fault(path, `expected a mapping of at most ${most} entries`);
      return undefined;
    }
    const found = new Map<string, T>();
    for (const [name, item] of Object.entries(value)) {
      if (name.length > LONGEST) fault(path, `expected names of at most ${LONGEST} characters`);
      const taken = read(item, `${path}.${shown(name)}`, fault);
      if (taken !== undefined) found.set(name, taken);
    }
    return found;
  };
}

/** As a plain object: fromEntries defines own properties, whatever they are called. */
function recordOf<T>(read: Reader<T>): Reader<Readonly<Record<string, T>>> {
  const map = mapOf(read, MOST_VALUES);
  return (value, path, fault) => {
    const found = map(value, path, fault);
    return found && Object.fromEntries(found);
  };
}

/** Keys of the file, each with the name it has here and how it is read. */
type Keys<T> = {
  readonly [Key in keyof T]-?: readonly [key: string, read: Reader<Exclude<T[Key], undefined>>];
};

/** A mapping of these keys and no others. A key without a value counts as left out, but where null is a value. */
function settings<T extends object>(keys: Keys<T>): Reader<T> {
  const known = Object.entries<readonly [string, Reader<unknown>]>(keys);
  return (value, path, fault) => {
    if (!isMapping(value)) {
      fault(path, 'expected settings (a mapping of keys to values)');
      return undefined;
    }
    for (const key of Object.keys(value)) {
      if (!known.some(([, [name]]) => name === key)) fault(`${path}.${shown(key)}`, 'no such setting');
    }
    const found: Record<string, unknown> = {};
    for (const [name, [key, read]] of known) {
      const stated = Object.hasOwn(value, key) ? value[key] : undefined;
      if (stated === undefined || (stated === null && read !== filter)) continue;
      const taken = read(stated, `${path}.${key}`, fault);
      if (taken !== undefined) found[name] = taken;
    }
    return found as T;
  };
}

const mapping = recordOf(texts);

const claimPath: Reader<ClaimPathConfig> = (value, path, fault) => {
  const read = settings<{ paths?: readonly string[]; separator?: string; absent?: string }>({
    paths: ['path', texts],
    separator: [
      'separator',
      is('a text of 1 to 8 characters', (given): given is string => isKey(given) && given.length <= 8),
    ],
    absent: [
      'absent',
      is('one of unknown, empty', (given): given is string => given === 'unknown' || given === 'empty'),
    ],
  })(value, path, fault);
  const { paths = [], separator, absent } = read ?? {};
  const wrong =
    paths.length === 0 ||
    paths.length > MOST_PATHS ||
    paths.some((one) => one.split('.').length > MOST_STEPS);
  if (read && wrong)
    fault(`${path}.path`, `expected 1 to ${MOST_PATHS} paths of at most ${MOST_STEPS} steps`);
  return { paths, separator: separator ?? null, absentIsEmpty: absent === 'empty' };
};

const groups = settings<NonNullable<OfOrganization['groups']>>({
  field: ['field', text],
  mapping: ['mapping', mapping],
  regexFilter: ['regex_filter', filter],
  autoCreate: ['auto_create_missing_groups', flag],
  legacyMapping: ['legacy_group_name_mapping', recordOf(text)],
});
const roles = settings<NonNullable<OfOrganization['roles']>>({
  field: ['field', text],
  mapping: ['mapping', mapping],
});
type OfOrganization = IdpSyncConfig['organizations'] extends ReadonlyMap<string, infer T> ? T : never;

const whole = settings<Partial<IdpSyncConfig>>({
  organization: [
    'organization',
    settings<NonNullable<IdpSyncConfig['organization']>>({
      field: ['field', text],
      mapping: ['mapping', mapping],
      assignDefault: ['organization_assign_default', flag],
    }),
  ],
  siteRoles: [
    'siteRoles',
    settings<NonNullable<IdpSyncConfig['siteRoles']>>({
      field: ['field', text],
      mapping: ['mapping', mapping],
      defaults: ['default', texts],
    }),
  ],
  organizations: [
    'organizations',
    mapOf(
      settings<OfOrganization>({ groups: ['groups', groups], roles: ['roles', roles] }),
      MOST_ORGANIZATIONS,
    ),
  ],
  claims: ['claims', mapOf(claimPath, MOST_PATHS)],
});

/** What `idpSync` of a connection says, in Coder's own names. Faults go to `fault`. */
export function idpSyncOf(value: unknown, path: string, fault: Fault): IdpSyncConfig {
  const read = whole(value, path, fault);
  return { ...read, organizations: read?.organizations ?? new Map(), claims: read?.claims ?? new Map() };
}

function shown(name: string): string {
  return /^[\w-]{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
}
