import type { GroupState, UserState } from '../model.js';
import { differingNames } from './equality.js';

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

/** Compares two states of a user. What Coder can see of it: active, email, the name, the userName. */
export function userDifference(before: UserState, after: UserState): Difference {
  const fields = (['userName', 'email', 'fullName', 'active'] as const).filter(
    (name) => before[name] !== after[name],
  );
  const names = new Set([...fields, ...otherNames(before, after)]);
  const loss = before.active && !after.active;
  return {
    any: names.size > 0,
    matters: fields.length > 0,
    loss,
    action: loss ? 'user.deactivated' : !before.active && after.active ? 'user.activated' : 'user.changed',
    attributes: [...names].slice(0, MAX_NAMES),
  };
}

/** Compares two states of a group, without its members. What Coder can see of it: the displayName. */
export function groupDifference(before: GroupState, after: GroupState): Difference {
  const renamed = before.displayName !== after.displayName;
  const names = new Set([...(renamed ? ['displayName'] : []), ...otherNames(before, after)]);
  return {
    any: names.size > 0,
    matters: renamed,
    loss: false,
    action: renamed ? 'group.renamed' : 'group.changed',
    attributes: [...names].slice(0, MAX_NAMES),
  };
}

function otherNames(before: UserState | GroupState, after: UserState | GroupState): string[] {
  const names = before.document === after.document ? [] : differingNames(before.document, after.document);
  return before.externalId === after.externalId ? names : ['externalId', ...names];
}
