import type { CoderGroup, CoderUser } from '../../coder/index.js';
import type { PolicyConfig } from '../../config/index.js';

/** What planning knows besides the target: settings, and who the bridge itself is. */
export interface PlanContext {
  readonly policy: PolicyConfig;
  /** Coder's id of the connection's organization. */
  readonly organizationId: string;
  /** Coder's id of the account whose token the bridge uses. */
  readonly selfId: string;
  /** `n`: the first name; each name that Coder or the bridge has (folded). Candidates among them are passed over. */
  readonly takenUsernames: { has(foldedUsername: string): boolean };
}

/** What was seen of a user in Coder. */
export interface UserView {
  /** The linked account, confirmed to exist (not a deleted one); null when there is no link or it is gone. */
  readonly account: CoderUser | null;
  /** Not linked: the existing account with the same email (compared folded), read in full; null when there is none. */
  readonly sameEmail: CoderUser | null;
}

/** What was seen of a group in Coder. */
export interface GroupView {
  /** The linked group; null when there is no link or it is gone. */
  readonly group: CoderGroup | null;
  /** The group in the organization that has the wanted name (see wantedGroupName), or the intent's name; null: none. */
  readonly sameName: CoderGroup | null;
}
