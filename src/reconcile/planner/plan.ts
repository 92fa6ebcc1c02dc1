import type { CoderGroup, CoderUser, CreateGroupRequest, CreateUserRequest, PatchGroupRequest } from '../../coder/index.js';
import type { Failure } from '../../directory/index.js';

/** Every step says why it is there, for the journal and for people. */
interface Reasoned {
  readonly reason: string;
}

/** One thing to do in Coder (or to record), in the order to do it. Losses come before gains. */
export type UserStep = Reasoned &
  (
    | { readonly do: 'createUser'; readonly request: CreateUserRequest }
    /** Look for the account by email (and by username after a 409) before anything else can be decided. */
    | { readonly do: 'adoptUser'; readonly user: CoderUser; readonly origin: 'created' | 'adopted' }
    | { readonly do: 'forgetLink' }
    | { readonly do: 'updateProfile'; readonly username: string; readonly name: string }
    | { readonly do: 'suspendUser' }
    | { readonly do: 'activateUser' }
    | { readonly do: 'deleteUser' }
    | { readonly do: 'joinOrganization'; readonly organizationId: string }
    | { readonly do: 'leaveOrganization'; readonly organizationId: string }
  );

export type GroupStep = Reasoned &
  (
    | { readonly do: 'createGroup'; readonly request: CreateGroupRequest }
    | { readonly do: 'adoptGroup'; readonly group: CoderGroup; readonly origin: 'created' | 'adopted' }
    | { readonly do: 'forgetLink' }
    /** At most 100 ids in add_users and remove_users together. */
    | { readonly do: 'patchGroup'; readonly request: PatchGroupRequest }
    | { readonly do: 'deleteGroup' }
  );

/** A difference that is reported and not repaired. */
export interface Note {
  readonly note: 'emailDrift' | 'loginType' | 'protected' | 'pendingMembers' | 'statusKept';
  readonly detail: string;
  readonly personal?: Readonly<Record<string, string>>;
}

/** The result of planning: steps, or the reason why there can be none. */
export interface Plan<Step> {
  readonly steps: readonly Step[];
  readonly notes: readonly Note[];
  readonly failure?: Failure;
  /** Facts that are true in Coder already and stated: owned from now on. Ids as in OwnedChange. */
  readonly owned: { readonly gained: readonly string[]; readonly lost: readonly string[] };
}
