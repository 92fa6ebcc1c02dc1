import type { JsonObject } from '../../common/index.js';

/** What an OpenID provider claims of a user, and what it came to when it was last decided on. */
export interface TiedSubject {
  readonly id: string;
  readonly issuer: string;
  readonly issuedAt: string;
  readonly claims: JsonObject;
  /** Claims that could not be read, with the reason. */
  readonly unreadable: Readonly<Record<string, string>>;
  /** As decideClaims of the target store was told it; null: never. */
  readonly decided: JsonObject | null;
  /** How long ago groups came or went that matter here, milliseconds: what was listed before says nothing. Null: never. */
  readonly groupsChangedMs: number | null;
}

/** A group in Coder that claims put somebody into. */
export interface ClaimedMembership {
  /** Coder's id; null: the group is to be made. */
  readonly coderId: string | null;
  readonly organizationId: string;
  /** As Coder has it, or is to have it. */
  readonly name: string;
  /** For people: which claim, which value, which rule. */
  readonly because: string;
}

/** What was decided on a subject's claims. */
export interface DecidedClaims {
  readonly subjectId: string;
  readonly decided: JsonObject;
  /** Names of groups that are stated and that Coder does not have: when one comes, the user is raised. */
  readonly missingGroups: readonly string[];
}
