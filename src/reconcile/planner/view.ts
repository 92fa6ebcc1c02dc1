import type { CoderGroup, CoderUser } from '../../coder/index.js';
import type { PolicyConfig } from '../../config/index.js';

/** What planning knows besides the target: settings, and who the bridge itself is. */
export interface PlanContext {
  readonly policy: PolicyConfig;
  /** Coder's id of the connection's organization. */
  readonly organizationId: string;
  /** Coder's id of the account whose token the bridge uses. */
  readonly selfId: string;
  /** The usernames that Coder or the bridge has, asked with the folded name. Candidates among them are passed over. */
  readonly takenUsernames: { has(foldedUsername: string): boolean };
}

/** What was seen of a user in Coder. */
export interface UserView {
  /** The linked account, confirmed to exist (not a deleted one); null when there is no link or it is gone. */
  readonly account: CoderUser | null;
  /**
   * Not linked: the existing account with the same email (compared folded), read in full; null when there is none. With an
   * intent, whose answer is not known, also asked for an inactive or deleted user, and by the intent's email first.
   */
  readonly sameEmail: CoderUser | null;
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
}
