import type {
  CoderBuildInfo,
  CoderEntitlements,
  CoderGroup,
  CoderMember,
  CoderOrganization,
  CoderUser,
  CoderUsersPage,
  CreateGroupRequest,
  CreateUserRequest,
  PatchGroupRequest,
} from './types.js';

/** Options of every call. */
export interface CallOptions {
  /** Aborts the call (a lost lease, shutdown). The outcome of an aborted mutation is unknown. */
  readonly signal?: AbortSignal;
  /**
   * Goes ahead of those who wait for the path: when it is throttled, the wait is for the next token and not for a place
   * behind everyone who was told to come back.
   */
  readonly urgent?: boolean;
}

/**
 * Coder's REST API, one function per operation. Every function throws one of the errors of errors.ts and nothing else;
 * none retries (the queue is the only retry layer) and none waits for the rate limit: when the path has no token left,
 * ThrottledError says how long to wait.
 */
export interface CoderClient {
  // General
  buildInfo(options?: CallOptions): Promise<CoderBuildInfo>;
  entitlements(options?: CallOptions): Promise<CoderEntitlements>;
  // Users
  listUsers(
    query: { q?: string; limit?: number; offset?: number; after_id?: string },
    options?: CallOptions,
  ): Promise<CoderUsersPage>;
  /**
   * By uuid, username or `me`. By uuid Coder also answers deleted users: use a username to learn that one exists.
   *
   * @throws GoneError when it does not resolve, which Coder answers with 400.
   */
  getUser(user: string, options?: CallOptions): Promise<CoderUser>;
  createUser(request: CreateUserRequest, options?: CallOptions): Promise<CoderUser>;
  updateUserProfile(
    user: string,
    request: { username: string; name: string },
    options?: CallOptions,
  ): Promise<CoderUser>;
  suspendUser(user: string, options?: CallOptions): Promise<CoderUser>;
  activateUser(user: string, options?: CallOptions): Promise<CoderUser>;
  deleteUser(user: string, options?: CallOptions): Promise<void>;
  // Organizations and members
  getOrganization(organization: string, options?: CallOptions): Promise<CoderOrganization>;
  /** Ask no page past `count`: Coder answers 500 to an offset beyond the end. */
  listMembers(
    organization: string,
    page: { limit: number; offset: number },
    options?: CallOptions,
  ): Promise<{ members: CoderMember[]; count: number }>;
  addMember(organization: string, user: string, options?: CallOptions): Promise<void>;
  removeMember(organization: string, user: string, options?: CallOptions): Promise<void>;
  // Groups
  listGroups(organization: string, options?: CallOptions): Promise<CoderGroup[]>;
  getGroup(id: string, options?: CallOptions): Promise<CoderGroup>;
  getGroupByName(organization: string, name: string, options?: CallOptions): Promise<CoderGroup>;
  createGroup(organization: string, request: CreateGroupRequest, options?: CallOptions): Promise<CoderGroup>;
  patchGroup(id: string, request: PatchGroupRequest, options?: CallOptions): Promise<CoderGroup>;
  deleteGroup(id: string, options?: CallOptions): Promise<void>;

  /** Coder's clock now (ISO 8601), from the Date header of its latest answer; this machine's before the first one. */
  coderNow(): string;
}

/** Injection token of the {@link CoderClient}. */
export const CODER = Symbol('CODER');
