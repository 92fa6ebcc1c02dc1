import type { Json, StatedAccess, StatedSettings } from '../../common/index.js';
import type { GroupState, UserState } from '../model.js';
import { differingNames, sameJson } from './equality.js';

/** Names kept in the journal for one change; a document may have any number of them. */
const MAX_NAMES = 50;

/** What lies between two states of a resource. */
export interface Difference {
  /** Anything at all differs. */
  readonly any: boolean;
  /** Something differs that Coder can see: the target's `desired` is raised. */
  readonly matters: boolean;
  /** Access is lost: urgent. */
  readonly loss: boolean;
  /** What happened, for the journal. */
  readonly action: string;
  /** Names of the differing attributes, for the journal; no values. */
  readonly attributes: readonly string[];
}

/** Compares two states of a user. What Coder can see of it: active, email, the name, the userName, roles and organizations. */
export function userDifference(before: UserState, after: UserState): Difference {
  const fields = (['userName', 'email', 'fullName', 'active'] as const).filter(
    (name) => before[name] !== after[name],
  );
  const names = new Set([...fields, ...otherNames(before, after)]);
  const deactivated = before.active && !after.active;
  const access = !sameStated(before.access, after.access);
  return {
    any: names.size > 0 || access,
    matters: fields.length > 0 || access,
    loss: deactivated || (access && takesAccess(before.access, after.access)),
    action: deactivated
      ? 'user.deactivated'
      : !before.active && after.active
        ? 'user.activated'
        : 'user.changed',
    attributes: [...names].slice(0, MAX_NAMES),
  };
}

/** Compares two states of a group, without its members. What Coder can see of it: the displayName and its settings. */
export function groupDifference(before: GroupState, after: GroupState): Difference {
  const renamed = before.displayName !== after.displayName;
  const settings = !sameStated(before.settings, after.settings);
  const names = new Set([...(renamed ? ['displayName'] : []), ...otherNames(before, after)]);
  return {
    any: names.size > 0 || settings,
    matters: renamed || settings,
    loss: settings && takesTemplates(before.settings, after.settings),
    action: renamed ? 'group.renamed' : 'group.changed',
    attributes: [...names].slice(0, MAX_NAMES),
  };
}

function sameStated(
  before: StatedAccess | StatedSettings | undefined,
  after: StatedAccess | StatedSettings | undefined,
): boolean {
  return before === after || sameJson((before ?? {}) as Json, (after ?? {}) as Json);
}

/** Whether a role or an organization is no longer stated. */
function takesAccess(before: StatedAccess = {}, after: StatedAccess = {}): boolean {
  return (['roles', 'siteRoles', 'organizations', 'organizationRoles'] as const).some((kind) =>
    lacks(before[kind], after[kind]),
  );
}

/** Whether a template's role is no longer stated, or another one is. */
function takesTemplates(before: StatedSettings = {}, after: StatedSettings = {}): boolean {
  return before.organization !== after.organization || lacks(before.templateRoles, after.templateRoles);
}

function lacks(before: readonly unknown[] = [], after: readonly unknown[] = []): boolean {
  const left = new Set(after.map((item) => JSON.stringify(item)));
  return before.some((item) => !left.has(JSON.stringify(item)));
}

function otherNames(before: UserState | GroupState, after: UserState | GroupState): string[] {
  const names = before.document === after.document ? [] : differingNames(before.document, after.document);
  return before.externalId === after.externalId ? names : ['externalId', ...names];
}
