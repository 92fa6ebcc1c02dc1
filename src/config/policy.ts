/** What the bridge may do with accounts and groups: by the environment, and for each connection by the YAML file. */
export interface PolicyConfig {
  /** Login type of new accounts. */
  readonly loginType: 'oidc' | 'password' | 'github' | 'none';
  /** Status of new accounts; `dormant` takes no licence seat until the first login. */
  readonly newUserStatus: 'dormant' | 'active';
  /** What an IdP's DELETE does to the account. */
  readonly deleteUsers: 'suspend' | 'delete';
  /** Whether an account of the same email is taken over: at once, after a person approved it, or not at all. */
  readonly adoptUsers: 'email' | 'approve' | 'never';
  /** Whether a group that somebody else made may be taken over by its name. */
  readonly adoptGroups: 'never' | 'empty' | 'always';
  /** Whether the Coder username follows a changed userName. */
  readonly renameUsers: boolean;
  /** Coder usernames and emails (folded, `*` for anything) that are never suspended, deleted, demoted or renamed. */
  readonly protectedUsers: readonly string[];
  /** Names of groups in Coder (folded, `*` for anything) that are never adopted, changed or deleted. */
  readonly protectedGroups: readonly string[];
  /** Roles of the site that may be granted and taken; `*`: all but owner, which has to be named. */
  readonly siteRoles: readonly string[];
  /** Roles in organizations that may be granted and taken; `*`: all. */
  readonly organizationRoles: readonly string[];
  /** Whether what nobody stated is taken away too, from linked accounts and groups. */
  readonly strict: boolean;
  /** Whether the API tokens of somebody who leaves are deleted. */
  readonly revokeTokens: boolean;
  /** Whether the running workspaces of somebody who leaves are stopped. */
  readonly stopWorkspaces: boolean;
  /** Whether the API tokens of somebody whom the provider logs out are deleted. */
  readonly revokeOnLogout: boolean;
  /** Whether claims make a user of somebody whom nobody has stated. */
  readonly createFromClaims: boolean;
  /** What becomes of new users when the licence has no seat left. */
  readonly whenSeatsRunOut: 'dormant' | 'refuse';
}
