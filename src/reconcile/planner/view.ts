import type { CoderGroup, CoderUser } from '../../coder/index.js';
import type { AccessRules } from '../../common/index.js';
import type { PolicyConfig } from '../../config/index.js';
import type { ClaimedAccess } from './claims/claimed.js';

/** What planning knows besides the target: settings, and who the bridge itself is. */
export interface PlanContext {
  readonly policy: PolicyConfig;
  readonly rules: AccessRules;
  /** Coder's id of the connection's organization; null: Coder has none of its name, or the token may not see it. */
  readonly organizationId: string | null;
  /** That organization, as the configuration names it. */
  readonly organization: string;
  /** Coder's id of the account whose token the bridge uses. */
  readonly selfId: string;
  /** The usernames that Coder or the bridge has, asked with the folded name. Candidates among them are passed over. */
  readonly takenUsernames: { has(foldedUsername: string): boolean };
  /** Coder's ids of organizations by their names or ids; null for one that there is not, or that the token does not see. */
  readonly organizations: { idOf(nameOrId: string): string | null };
  /** Seats of the licence that are left, none or fewer where it is used up; null: no limit is known. */
  readonly seatsLeft: number | null;
  /** What the user's claims come to; absent: nothing is claimed. */
  readonly claimed?: ClaimedAccess;
  /** Roles that Coder refused to set during this run, by organization (null: the site), with its reason. */
  readonly refusedRoles: ReadonlyMap<string | null, string>;
}

/** API tokens of an account: all, or those that were made until then; or that a logout must not touch them. */
export type Keys = 'all' | 'protected' | Date;

/** What was seen of a user in Coder. */
export interface UserView {
  /** The linked account, confirmed to exist (not a deleted one); null when there is no link or it is gone. */
  readonly account: CoderUser | null;
  /**
   * Not linked: the existing account with the same email (compared folded), read in full; null when there is none. With an
   * intent, whose answer is not known, also asked for an inactive or deleted user, and by the intent's email first.
   */
  readonly sameEmail: CoderUser | null;
  /** Roles in organizations, without the implied one, by the organization's id; absent: not read, as none is stated or owned. */
  readonly organizationRoles?: ReadonlyMap<string, readonly string[]>;
  /** The schedule of quiet hours; absent: not read, as none is stated. */
  readonly quietHours?: string;
  /** Of somebody who leaves, as far as the policy asks: ids of API tokens, and of workspaces that run. Of somebody who was logged out: tokens. */
  readonly tokens?: readonly string[];
  /** Of which API tokens `tokens` tells; absent: they were not looked at. */
  readonly keys?: Keys;
  readonly workspaces?: readonly string[];
}

/** What was seen of a group in Coder. */
export interface GroupView {
  /** The linked group; null when there is no link or it is gone. */
  readonly group: CoderGroup | null;
  /**
   * The group in the organization that has the wanted name (see wantedGroupName); null: none. With an intent also asked for a
   * deleted target. For a linked group it is needed only after Coder refused a new name with 409.
   */
  readonly sameName: CoderGroup | null;
  /** Absent: not looked at, as none is stated, owned or to be taken. */
  readonly templates?: SeenTemplates;
}

/** What was seen of templates, and what the group may do with them. */
export interface SeenTemplates {
  /** Coder's ids of the group's organization's templates by their names or ids; null for one that there is not. */
  idOf(nameOrId: string): string | null;
  /** By the template's id; empty: nothing. Absent: not looked at, or refused. */
  readonly roles: ReadonlyMap<string, string>;
  /** By the template's id, why Coder did not let its access be read or changed in this run. */
  readonly refused: ReadonlyMap<string, string>;
  /** Why Coder did not list the templates: nothing is known of them. */
  readonly unavailable?: string;
}
