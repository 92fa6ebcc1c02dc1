import 'reflect-metadata';
import { Is, isMapping, Optional, Texts } from './rules.js';

const MOST_NAMES = 1_000;
const MOST_RULES = 2_000;
const ROLE = /^(?:\*|[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*)$/;
const A_ROLE_LIST = 'a list of names of roles, or *';
const NAME_OR_ID = /^[^\s/?#]{1,128}$/;

const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const AN_ANSWER = 'true or false';

function Choice(...values: readonly string[]): PropertyDecorator {
  return Is(`one of ${values.join(', ')}`, (value) => values.some((known) => known === value));
}

/** `policy` of a connection: each key overrides the environment variable of the same meaning. */
export class PolicySettings {
  @Optional()
  @Choice('oidc', 'password', 'github', 'none')
  loginType?: 'oidc' | 'password' | 'github' | 'none';

  @Optional()
  @Choice('dormant', 'active')
  newUserStatus?: 'dormant' | 'active';

  @Optional()
  @Choice('suspend', 'delete')
  deleteUsers?: 'suspend' | 'delete';

  @Optional()
  @Choice('email', 'approve', 'never')
  adoptUsers?: 'email' | 'approve' | 'never';

  @Optional()
  @Choice('never', 'empty', 'always')
  adoptGroups?: 'never' | 'empty' | 'always';

  @Optional()
  @Is(AN_ANSWER, isFlag)
  renameUsers?: boolean;

  @Optional()
  @Texts('a list of usernames and email addresses; * stands for anything', MOST_NAMES)
  protectedUsers?: string | string[];

  @Optional()
  @Texts('a list of names of groups; * stands for anything', MOST_NAMES)
  protectedGroups?: string | string[];

  @Optional()
  @Texts(A_ROLE_LIST, 100, (role) => ROLE.test(role))
  siteRoles?: string | string[];

  @Optional()
  @Texts(A_ROLE_LIST, 1_000, (role) => ROLE.test(role))
  organizationRoles?: string | string[];

  @Optional()
  @Is(AN_ANSWER, isFlag)
  strict?: boolean;

  @Optional()
  @Is(AN_ANSWER, isFlag)
  revokeTokens?: boolean;

  @Optional()
  @Is(AN_ANSWER, isFlag)
  stopWorkspaces?: boolean;

  @Optional()
  @Is(AN_ANSWER, isFlag)
  revokeOnLogout?: boolean;

  @Optional()
  @Is(AN_ANSWER, isFlag)
  createFromClaims?: boolean;

  @Optional()
  @Choice('dormant', 'refuse')
  whenSeatsRunOut?: 'dormant' | 'refuse';
}

/** What a rule may grant, as the file has it. */
export interface GrantSettings {
  readonly siteRoles?: string | readonly string[] | null;
  readonly organizations?: string | readonly string[] | null;
  /** A list: roles in the connection's organization. A mapping: of organizations to lists. */
  readonly organizationRoles?:
    string | readonly string[] | Readonly<Record<string, string | string[]>> | null;
}

const A_GRANT =
  'a mapping of names to what they grant: siteRoles, organizations and organizationRoles, each a list of names (organizationRoles also a mapping of organizations to lists)';

function isNames(value: unknown, pattern: RegExp): boolean {
  const list: unknown = typeof value === 'string' ? [value] : value;
  return (
    Array.isArray(list) &&
    list.length <= 100 &&
    list.every((item) => typeof item === 'string' && pattern.test(item))
  );
}

const ONE_ROLE = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/;

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  siteRoles: (value) => isNames(value, ONE_ROLE),
  organizations: (value) => isNames(value, NAME_OR_ID),
  organizationRoles: (value) =>
    isMapping(value)
      ? Object.entries(value).every(([name, roles]) => NAME_OR_ID.test(name) && isNames(roles, ONE_ROLE))
      : isNames(value, ONE_ROLE),
};

function isGrant(value: unknown): boolean {
  return (
    isMapping(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(([key, stated]) => stated === null || CHECKS[key]?.(stated) === true)
  );
}

function isGrants(value: unknown): boolean {
  if (!isMapping(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MOST_RULES &&
    entries.every(([name, grant]) => name.trim() !== '' && name.length <= 512 && isGrant(grant))
  );
}

/** `rules` of a connection: what its people have by their groups, and by the values of User.roles. */
export class RulesSettings {
  @Optional()
  @Is(A_GRANT, isGrants)
  groups?: Record<string, GrantSettings>;

  @Optional()
  @Is(A_GRANT, isGrants)
  roles?: Record<string, GrantSettings>;
}
