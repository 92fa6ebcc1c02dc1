import type { JsonObject } from '../../common/index.js';
import { isUsername, usernameFrom } from '../rules/names.js';
import type { Deployment } from '../state/deployment.js';
import type { UserRow } from '../state/rows.js';
import { claimValues } from './claims.js';
import {
  expectedOrganizations,
  expectedSiteRoles,
  LoginFailure,
  syncGroups,
  syncOrganizations,
  syncRoles,
} from './sync.js';

export type LoginResult =
  | { readonly status: 200; readonly user: UserRow; readonly token: string }
  | { readonly status: number; readonly message: string; readonly user?: undefined };

const SESSION = 7 * 86_400_000;
const ATTEMPTS = 10;

/**
 * A login over OIDC, in Coder's order: who it is, whether they may come in, the account, then the sync of
 * organizations, groups and roles. What fails the login is found before anything is written.
 * @param claims of the id token and the userinfo together; `sub` tells who it is
 */
export function login(deployment: Deployment, claims: JsonObject, random: () => number): LoginResult {
  try {
    if (!deployment.state.switches.oidcConfigured) throw new LoginFailure(400, 'OIDC is not configured.');
    const email = checkedEmail(deployment, claims);
    checkAllowList(deployment, claims);
    const known = find(deployment, claims, email);
    checkAccount(deployment, known, email);
    const organizations = expectedOrganizations(deployment, claims);
    const siteRoles = expectedSiteRoles(deployment, claims);

    let user = known ?? create(deployment, claims, email, random);
    if (user.status === 'dormant') user = deployment.updateUser(user, { status: 'active' }, user.id);
    syncOrganizations(deployment, user, organizations);
    syncGroups(deployment, user, claims);
    syncRoles(deployment, user, claims);
    user = update(deployment, user, claims, email, siteRoles);
    return { status: 200, user, token: session(deployment, user) };
  } catch (error) {
    if (error instanceof LoginFailure) return { status: error.status, message: error.message };
    throw error;
  }
}

function checkedEmail({ state }: Deployment, claims: JsonObject): string {
  const { oidc } = state.switches;
  const email = text(claims, 'email') || text(claims, 'preferred_username');
  if (!email.includes('@')) throw new LoginFailure(400, 'No email found in OIDC payload!');
  if (claims['email_verified'] === false && !oidc.ignoreEmailVerified) {
    throw new LoginFailure(403, `Verify the "${email}" email address on your OIDC provider to authenticate!`);
  }
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  const domains = oidc.emailDomains.map((one) => one.toLowerCase().replace(/^@/, ''));
  if (domains.length > 0 && !domains.includes(domain)) {
    throw new LoginFailure(403, `Your email "${email}" is not from an authorized domain!`);
  }
  return email;
}

function checkAllowList({ state }: Deployment, claims: JsonObject): void {
  const { allowedGroups, groupField } = state.switches.oidc;
  if (allowedGroups.length === 0) return;
  const claim = claimValues(claims, groupField);
  if (claim.kind === 'unreadable') throw new LoginFailure(400, `Failed to parse group claims: ${claim.why}.`);
  if (claim.kind === 'values' && claim.values.some((value) => allowedGroups.includes(value))) return;
  throw new LoginFailure(403, 'You must be a member of an allowed group to log in.');
}

/** By issuer and subject, else by email. */
function find({ state }: Deployment, claims: JsonObject, email: string): UserRow | undefined {
  const subject = text(claims, 'sub') || email;
  const { issuer } = state.switches.oidc;
  const link = state.tables
    .rows('oidcLink')
    .find(
      (row) =>
        row.issuer === issuer && row.subject === subject && state.users.get(row.user_id)?.deleted === false,
    );
  return link ? state.users.get(link.user_id) : state.userByEmail(email);
}

function checkAccount({ state }: Deployment, user: UserRow | undefined, email: string): void {
  if (!user && !state.switches.oidc.allowSignups) {
    throw new LoginFailure(403, 'Signups are disabled.');
  }
  if (user && user.login_type !== 'oidc') {
    const message = `Incorrect login type, attempting to use "oidc" but user is of login type "${user.login_type}".`;
    throw new LoginFailure(403, message);
  }
  if (user?.status === 'suspended' && state.switches.profile === 'n26-scim2') {
    throw new LoginFailure(403, 'Your account is suspended. Contact an admin to reactivate it.');
  }
  const other = state.userByEmail(email);
  if (user && other && other.id !== user.id) {
    throw new LoginFailure(500, 'Failed to update the email: another user has it.');
  }
}

/** Active, in the default organization, and with a suffix where somebody else has the name. */
function create(deployment: Deployment, claims: JsonObject, email: string, random: () => number): UserRow {
  const { state } = deployment;
  const wanted = usernameFrom(text(claims, 'preferred_username') || email, random);
  let username = wanted;
  for (let i = 0; i < ATTEMPTS && state.userByUsername(username); i += 1) {
    const suffix = Math.floor(random() * 1_000_000).toString(36);
    username = `${wanted.slice(0, 31 - suffix.length).replace(/-$/, '')}-${suffix}`;
  }
  if (state.userByUsername(username) || !isUsername(username)) {
    throw new LoginFailure(500, `No free username was found for "${wanted}".`);
  }
  const organizations = [state.defaultOrganization.id];
  const user = { email, username, login_type: 'oidc', status: 'active' } as const;
  return deployment.createUser({ ...user, organization_ids: organizations }, null);
}

/** The username is never changed. Values are cut to what fits. */
function update(
  deployment: Deployment,
  user: UserRow,
  claims: JsonObject,
  email: string,
  siteRoles: readonly string[] | null,
): UserRow {
  const { state } = deployment;
  const changed: UserRow = {
    ...user,
    email,
    name: text(claims, 'name').trim().slice(0, 128).trim() || user.name,
    avatar_url: text(claims, 'picture') || user.avatar_url,
    roles: siteRoles ?? user.roles,
    last_seen_at: deployment.now(),
  };
  state.apply(['user', changed]);
  const link = { issuer: state.switches.oidc.issuer, subject: text(claims, 'sub') || email, claims };
  state.put('oidcLink', user.id, { user_id: user.id, ...link });
  return changed;
}

function session(deployment: Deployment, user: UserRow): string {
  deployment.audit('login', 'api_key', user.id, '', user.id);
  return deployment.createToken(user, {
    login_type: 'oidc',
    expires_at: deployment.clock.now() + SESSION,
  });
}

function text(claims: JsonObject, name: string): string {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' ? value : '';
}
