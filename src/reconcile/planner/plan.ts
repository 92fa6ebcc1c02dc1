import type {
  CoderGroup,
  CoderUser,
  CreateGroupRequest,
  CreateUserRequest,
  PatchGroupRequest,
} from '../../coder/index.js';
import type { Failure, RoleChange } from '../../directory/index.js';
import type { AdoptionEvidence } from './users/accounts.js';

/** Every step says why it is there, for the journal and for people; without personal values. */
interface Reasoned {
  readonly reason: string;
}

/**
 * One thing to do in Coder (or to record), in the order to do it. Losses come before gains. After createUser nothing
 * follows: what is still missing then is planned anew. A fact that a step makes true is owned from its success on.
 */
export type UserStep = Reasoned &
  (
    | { readonly do: 'createUser'; readonly request: CreateUserRequest }
    /** Link the existing account; the steps after it are about that account. */
    | {
        readonly do: 'adoptUser';
        readonly user: CoderUser;
        readonly origin: 'created' | 'adopted';
        /** A person has to approve it first: by what they are to decide. */
        readonly awaits?: AdoptionEvidence;
      }
    /** Drop the link: the account is gone from Coder. */
    | { readonly do: 'forgetLink' }
    | { readonly do: 'updateProfile'; readonly username: string; readonly name: string }
    | { readonly do: 'suspendUser' }
    | { readonly do: 'activateUser' }
    /** Always preceded by a suspension: Coder refuses to delete who owns workspaces (417), and access must end all the same. */
    | { readonly do: 'deleteUser' }
    | { readonly do: 'joinOrganization'; readonly organizationId: string }
    | { readonly do: 'leaveOrganization'; readonly organizationId: string }
    /** Replaces all roles of the site (no organization) or of one organization: one call, whatever changes. */
    | ({ readonly do: 'setRoles'; readonly organizationId: string | null } & RoleReplacement)
    | { readonly do: 'setQuietHours'; readonly schedule: string }
    /** Of somebody who leaves, or was logged out. */
    | { readonly do: 'revokeToken'; readonly keyId: string; readonly loggedOut?: true }
    | { readonly do: 'stopWorkspace'; readonly workspaceId: string }
  );

/** The roles after a step, and what it changes of those before it. */
export interface RoleReplacement {
  readonly roles: readonly string[];
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** As {@link UserStep}, for a group. The steps after createGroup and adoptGroup are about that group. */
export type GroupStep = Reasoned &
  (
    | { readonly do: 'createGroup'; readonly request: CreateGroupRequest }
    /** Link the existing group. */
    | { readonly do: 'adoptGroup'; readonly group: CoderGroup; readonly origin: 'created' | 'adopted' }
    /** Drop the link: the group is gone from Coder, or is given back after its deletion in the directory. */
    | { readonly do: 'forgetLink' }
    /** At most 100 ids in add_users and remove_users together. A `name` in it is the link's name from then on. */
    | { readonly do: 'patchGroup'; readonly request: PatchGroupRequest }
    /** `members`: how many people lose the group by it. */
    | { readonly do: 'deleteGroup'; readonly members: number }
    /** What the group may do with a template; the empty role takes it away. `loses`: people lose access by it. */
    | {
        readonly do: 'setTemplateRole';
        readonly templateId: string;
        readonly role: 'use' | 'admin' | '';
        readonly loses: boolean;
      }
  );

/** A difference that is reported and not repaired. */
export interface Note {
  readonly note:
    | 'emailDrift'
    | 'loginType'
    | 'protected'
    | 'pendingMembers'
    | 'statusKept'
    /** A role is stated that the policy does not let be granted. */
    | 'roleNotAllowed'
    /** The person was logged out, and keeps the API tokens. */
    | 'keysKept'
    /** The licence has no seat left. */
    | 'seats';
  readonly detail: string;
  readonly personal?: Readonly<Record<string, string>>;
}

/** The result of planning. */
export interface Plan<Step> {
  readonly steps: readonly Step[];
  readonly notes: readonly Note[];
  /**
   * Why the target cannot be brought to what is wanted. Steps beside a failure (members of a group whose new name is
   * taken) are to be done first, so that no loss of access waits for a person; then the target is failed.
   */
  readonly failure?: Failure;
  /** Facts that are seen in Coder and stated: owned from now on; and owned ones that are no longer seen. Ids as in OwnedChange. */
  readonly owned: { readonly gained: readonly string[]; readonly lost: readonly string[] };
  /** The same of roles. */
  readonly ownedRoles?: RoleChange;
  /** The same of a group's templates. */
  readonly ownedTemplates?: { readonly gained: readonly string[]; readonly lost: readonly string[] };
}
