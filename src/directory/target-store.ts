import type { ClaimedMembership, DecidedClaims, TiedSubject } from './claims/model.js';
import type { Failure } from './model.js';
import type { JsonObject, StatedAccess, StatedSettings, TargetKind } from '../common/index.js';

/** The link between a target and its account or group in Coder. */
export interface Link {
  readonly coderId: string;
  /** The username or group name that was chosen, once. */
  readonly coderName: string;
  readonly origin: 'created' | 'adopted';
}

/** A creation that was announced and whose answer is not known. */
export interface Intent {
  /** The email (users) or the name (groups) it was sent with. */
  readonly key: string;
  /** The username or group name it was sent with. */
  readonly name: string;
  /** Coder's clock when it was sent, ISO 8601. */
  readonly sentAt: string;
  /** Of a group, the quota that it was sent with; absent: none. */
  readonly quotaAllowance?: number;
}

/** A role in Coder; of the whole site where there is no organization. */
export interface RoleFact {
  /** Coder's id. */
  readonly organizationId: string | null;
  readonly role: string;
}

/** What leaving took from a person beside the status. */
export interface Offboarded {
  readonly tokens: number;
  readonly workspaces: number;
}

/** Ids of what was found of somebody who leaves and is still to be taken. */
export interface Remains {
  readonly tokens: readonly string[];
  readonly workspaces: readonly string[];
}

/**
 * What leaving took, and what was about to be taken at the last look. Whatever of that is gone at the next one was taken as well:
 * by a call whose answer, or whose caller, was lost.
 */
export interface Offboarding extends Offboarded {
  readonly open?: Remains;
}

interface TargetBase {
  readonly id: string;
  readonly kind: TargetKind;
  readonly connectionId: string;
  /** Its name, by which the configuration knows it. */
  readonly connection: string;
  /** The connection is paused: nothing is applied. */
  readonly paused: boolean;
  /** The version that this reading is of. */
  readonly desired: number;
  readonly applied: number;
  readonly tries: number;
  /** The version that was refused for good, or whose losses the safety budget holds; null: none. A run leaves it alone. */
  readonly failedVersion: number | null;
  readonly heldVersion: number | null;
  /** Why that version was refused, for people. */
  readonly failure: string | null;
  /** The held plan that a person has approved, as it was given to {@link TargetStore.hold}; null: none. */
  readonly approvedPlan: JsonObject | null;
  readonly link: Link | null;
  readonly intent: Intent | null;
  /** What was seen in Coder at the last settling, as {@link TargetStore.settle} was told it, where that is fresh; null: Coder has to be asked. */
  readonly known: JsonObject | null;
  /** The resource was deleted by the IdP (a tombstone, for users), or no group feeds the target any more. */
  readonly deleted: boolean;
  /** When the target was last pushed and since when it is dirty (for coalescing and for the time to Coder), ms of the database's clock; `now` is that clock. */
  readonly pushedAt: number;
  readonly dirtySince: number;
  readonly waitMs: number;
  readonly urgent: boolean;
  readonly now: number;
}

/** What is wanted of a user. */
export interface UserTarget extends TargetBase {
  readonly kind: 'user';
  readonly userName: string;
  readonly externalId: string | null;
  readonly active: boolean;
  readonly email: string | null;
  readonly fullName: string;
  /** Another live user of the bridge has the same email and came first. */
  readonly emailClaimedBy: string | null;
  /** Ids of organizations whose membership the bridge owns. */
  readonly ownedOrganizations: readonly string[];
  readonly ownedRoles: readonly RoleFact[];
  /** What the IdP states of access beside groups. */
  readonly access: StatedAccess;
  /** Display names of the groups that the user is in, as rules name them. */
  readonly groups: readonly string[];
  /** Null: nothing was taken since the account was last active. */
  readonly offboarded: Offboarding | null;
  /** The person was logged out: API tokens that were made until then are to be revoked; null: none are. */
  readonly keysUntil: Date | null;
  /** What is claimed of the user, by subject. */
  readonly subjects: readonly TiedSubject[];
  /** How long ago the settings of IdP sync were seen to be others: older readings of them say nothing. Absent: never. */
  readonly settingsChangedMs?: number;
  /** Claims are kept that may be the user's, and have to be tied first. */
  readonly hasKeptClaims: boolean;
  /** Groups that claims put the user into, as they were last recorded; `key` as that of claimedKey. */
  readonly claimedGroups: readonly { readonly key: string; readonly because: string }[];
}

/** What is wanted of a Coder group: the union over the groups that feed it. */
export interface GroupTarget extends TargetBase {
  readonly kind: 'group';
  readonly displayName: string;
  /**
   * No SCIM group feeds the target, only claims: it gains and loses the members that they state, and is otherwise left alone.
   * displayName is then the name in Coder.
   */
  readonly claimed: boolean;
  /** Ids of Coder's groups that the bridge made because claims call for them: a SCIM group of that name takes them over. */
  readonly madeForClaims: readonly string[];
  readonly settings: StatedSettings;
  /** Ids of templates of which the bridge gave the group a role. */
  readonly ownedTemplates: readonly string[];
  /** Desired members that are linked and whose membership of the organization the bridge owns. */
  readonly members: readonly { readonly userId: string; readonly coderId: string }[];
  /** Desired members that have no account yet; `coming` counts those whose work is in the queue (active, and no try has failed). */
  readonly pendingMembers: { readonly total: number; readonly coming: number };
  /** Coder ids of users whose membership the bridge owns. */
  readonly ownedMembers: readonly string[];
  /** Names that other live group targets of the bridge are linked to or intend (folded), for `-2`. */
  readonly takenNames: readonly string[];
}

/** Of a group what has to be known before it is read: in which organization its members count. */
export type GroupPlace = Pick<
  GroupTarget,
  | 'connection'
  | 'paused'
  | 'desired'
  | 'applied'
  | 'tries'
  | 'failedVersion'
  | 'heldVersion'
  | 'settings'
  | 'pushedAt'
  | 'dirtySince'
  | 'waitMs'
  | 'urgent'
  | 'now'
> & {
  /** How many users the connection gained in the last three seconds, counted to 21: whether an import is under way. */
  readonly arriving: number;
};

/** A change of owned facts that came true. */
export interface OwnedChange {
  readonly kind: 'organization' | 'member' | 'template';
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** As {@link OwnedChange}, of roles. */
export interface RoleChange {
  readonly gained: readonly RoleFact[];
  readonly lost: readonly RoleFact[];
}

/** What was done, for the journal. Values about persons go into `personal`. */
export interface Effect {
  readonly action: string;
  readonly facts: Record<string, unknown>;
  readonly personal?: Record<string, unknown>;
}

/**
 * The reconciler's side of the directory: desired state with its version in one statement, and results, each recorded
 * `WHERE lease_token = mine` (answers false when the lease was lost; the caller then stops).
 */
export interface TargetStore {
  readUser(id: string): Promise<UserTarget | null>;
  /**
   * Records what the claims of a user come to, and the groups that they put the user into instead of those before. Groups
   * that gain or lose the user by it are raised and woken, losses in the urgent lane; those that have no target get one.
   */
  decideClaims(
    id: string,
    token: string,
    decided: readonly DecidedClaims[],
    memberships: readonly ClaimedMembership[],
    /** The user is raised again, as a group may have come a moment ago. */
    lookAgain: boolean,
  ): Promise<boolean>;
  /** Ties the kept subjects that can be the user's. */
  tieKeptClaims(id: string): Promise<void>;
  /** Where a group belongs and how it stands, without its members. */
  placeOf(id: string): Promise<GroupPlace | null>;
  /** @param organizationId Coder's id of the organization that the group lies in; decides who is a member and who is pending */
  readGroup(id: string, organizationId: string): Promise<GroupTarget | null>;
  /** The usernames of linked accounts by their Coder ids, as they were last seen. */
  usernamesOf(coderIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The present desired version: between steps the holder looks whether it moved. */
  desired(id: string): Promise<number>;
  /** @throws LinkTaken when the Coder id is linked to another live target */
  link(id: string, token: string, link: Link, effect: Effect): Promise<boolean>;
  /** The linked thing is gone from Coder: drops link and owned facts, journals the loss. */
  unlink(id: string, token: string, effect: Effect): Promise<boolean>;
  /** Commits the intent before the call; a definite answer removes it (null). */
  intend(id: string, token: string, intent: Intent | null): Promise<boolean>;
  /** A user that gains an organization marks its groups dirty in the same transaction, and wakes them after it. */
  own(id: string, token: string, change: OwnedChange): Promise<boolean>;
  /** Roles that came to be owned, and those that ceased to be. */
  ownRoles(id: string, token: string, change: RoleChange): Promise<boolean>;
  /** Of a group: raises the users whom the rules of these groups (folded names) concern, since the last time. */
  raiseRuled(id: string, token: string, ruled: readonly string[]): Promise<boolean>;
  /**
   * Adds to what leaving took, replaces what is still to be taken (`open`), and journals it; null: the account is active again, and
   * nothing is taken.
   */
  offboard(id: string, token: string, taken: Offboarding | null, effect: Effect): Promise<boolean>;
  /** Journals an effect on Coder, e.g. `coder.user.suspended`. */
  record(id: string, token: string, effect: Effect): Promise<boolean>;
  /**
   * Everything of `version` is done: applied = max(applied, version); tries, failure, hold, urgency and waiting reset when
   * nothing newer is desired. Notifies those who wait, if any. Answers the time since the target became dirty, ms.
   * `busy`: changes kept coming while the run waited for quiet. Then, and when the target settled a moment ago already, the
   * longest wait doubles (to 60 s); once it was idle for 5 s it starts at 1 s again.
   */
  settle(
    id: string,
    token: string,
    version: number,
    busy: boolean,
    /** What is seen in Coder now; absent: nothing else than was known before. */
    known?: JsonObject,
    /** No API token that was made until then is left; the mark is removed, unless a newer logout moved it or anything newer is desired. */
    keysUntil?: Date,
  ): Promise<{ readonly dirtyForMs: number } | false>;
  /** What was known of the target is no more to be relied on: a call is about to change it, or Coder surprised. */
  forgetKnown(id: string, token: string): Promise<boolean>;
  /** What is known of these targets was seen to be so; of those, it is not. Answers nothing, and touches no others. */
  confirmKnown(seen: readonly string[], otherwise: readonly string[]): Promise<void>;
  /**
   * Of the groups that a user is in by the directory and not yet in Coder, and whose work is in the queue and has not failed: the
   * organizations that they are stated to lie in; null: the connection's.
   */
  groupsOnTheirWay(userId: string): Promise<readonly (string | null)[]>;
  /** Brings forward the work of these users (Coder ids), as far as it was put off: they have come into a group. */
  wakeWaiting(coderIds: readonly string[]): Promise<void>;
  /** Whether more than a few users wait for their first run: then one list of Coder's users serves them all. */
  manyArrive(): Promise<boolean>;
  fail(id: string, token: string, version: number, failure: Failure): Promise<boolean>;
  /**
   * Puts the target off: counts the try when `spend`, and remembers until when, and what is seen in Coder now (absent: nothing
   * else than was known before).
   */
  putOff(id: string, token: string, delayMs: number, spend: boolean, known?: JsonObject): Promise<boolean>;
  /** The safety budget holds the version's losses back, with the plan for a person. */
  hold(id: string, token: string, version: number, plan: Record<string, unknown>): Promise<boolean>;
  /** Journals a difference that Coder's API cannot repair (email), once per value. */
  note(id: string, token: string, effect: Effect): Promise<boolean>;
}

/** Injection token of the {@link TargetStore}. */
export const TARGET_STORE = Symbol('TARGET_STORE');

/** A second claimant of a Coder id: reported as a conflict, never merged. */
export class LinkTaken extends Error {
  constructor(readonly coderId: string) {
    super(`Coder id ${coderId} is already linked to another resource`);
    this.name = 'LinkTaken';
  }
}
