import { claimValues, type ReadClaims } from './claim-values.js';
import { shown } from './decision.js';
import { isUnread, type AllowListSettings, type Unread } from './settings.js';

/** Whether Coder lets people log in whose claims say this: a group of the list, in any of the values. */
export type Admission =
  | { readonly admitted: true }
  /** `withheld`: the claim could not be had, so that it is not known. */
  | { readonly admitted: false; readonly why: string; readonly withheld?: true };

/** Coder's list of groups that may log in, by the raw values of the claim: no mapping, no filter. */
export function admission(settings: AllowListSettings | Unread, read: ReadClaims): Admission {
  // Whom Coder lets in is Coder's to decide: a list that cannot be read keeps nobody out.
  if (isUnread(settings) || settings.groups.length === 0) return { admitted: true };
  const claim = claimValues(read, settings.field);
  if (claim.kind === 'unreadable') {
    return { admitted: false, why: claim.why, ...(claim.cause === 'withheld' && { withheld: true }) };
  }
  if (claim.kind === 'missing') {
    return {
      admitted: false,
      why: `the claim ${shown(settings.field)} of the list of allowed groups is missing`,
    };
  }
  if (claim.values.some((value) => settings.groups.includes(value))) return { admitted: true };
  return {
    admitted: false,
    why: `no value of the claim ${shown(settings.field)} is on the list of allowed groups`,
  };
}
