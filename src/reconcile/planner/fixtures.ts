import type { CoderGroup, CoderReducedUser, CoderUser } from '../../coder/index.js';
import type { PolicyConfig } from '../../config/index.js';
import type { GroupTarget, UserTarget } from '../../directory/index.js';
import type { GroupView, PlanContext, UserView } from './view.js';

// Builders for specs: an ordinary user and group, of which a test changes what it is about.

export const ORGANIZATION = '0a000000-0000-4000-8000-000000000001';
export const OTHER_ORGANIZATION = '0a000000-0000-4000-8000-000000000002';
/** Organizations that Coder has in specs. */
const ORGANIZATIONS = new Map([
  ['other', OTHER_ORGANIZATION],
  [OTHER_ORGANIZATION, OTHER_ORGANIZATION],
  [ORGANIZATION, ORGANIZATION],
]);
export const SELF = '0b000000-0000-4000-8000-000000000001';
export const ACCOUNT = '0c000000-0000-4000-8000-000000000001';
export const GROUP = '0d000000-0000-4000-8000-000000000001';

/** The Coder id of the n-th member. */
export function member(number: number): string {
  return `0e000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** The Coder id of the template of that name. */
export function template(name: string): string {
  return `0f000000-0000-4000-8000-${Buffer.from(name.padEnd(6)).toString('hex').slice(0, 12)}`;
}

export function policy(change: Partial<PolicyConfig> = {}): PolicyConfig {
  return {
    loginType: 'oidc',
    newUserStatus: 'dormant',
    deleteUsers: 'suspend',
    adoptGroups: 'never',
    renameUsers: false,
    adoptUsers: 'email',
    protectedUsers: [],
    protectedGroups: [],
    siteRoles: [],
    organizationRoles: [],
    strict: false,
    revokeTokens: true,
    stopWorkspaces: true,
    revokeOnLogout: false,
    createFromClaims: false,
    whenSeatsRunOut: 'dormant',
    ...change,
  };
}

export function context(change: Partial<PolicyConfig> = {}, taken: readonly string[] = []): PlanContext {
  return {
    policy: policy(change),
    organization: 'default',
    organizationId: ORGANIZATION,
    selfId: SELF,
    takenUsernames: new Set(taken),
    rules: { groups: new Map(), roles: new Map() },
    organizations: { idOf: (name) => ORGANIZATIONS.get(name) ?? null },
    seatsLeft: null,
    refusedRoles: new Map(),
  };
}

const BASE = {
  connection: 'default',
  paused: false,
  known: null,
  connectionId: '0f000000-0000-4000-8000-000000000001',
  desired: 1,
  applied: 0,
  tries: 0,
  failedVersion: null,
  heldVersion: null,
  failure: null,
  approvedPlan: null,
  link: null,
  intent: null,
  deleted: false,
  pushedAt: 0,
  dirtySince: 0,
  waitMs: 1000,
  urgent: false,
  now: 0,
} as const;

/** An active user without a link. */
export function userTarget(change: Partial<UserTarget> = {}): UserTarget {
  return {
    ...BASE,
    id: '0198f3a2-7c1d-7e55-9a41-c0ffee15600d',
    kind: 'user',
    userName: 'ann@x.io',
    externalId: null,
    active: true,
    email: 'ann@x.io',
    fullName: 'Ann Lee',
    emailClaimedBy: null,
    ownedOrganizations: [],
    ownedRoles: [],
    access: {},
    groups: [],
    offboarded: null,
    keysUntil: null,
    subjects: [],
    hasKeptClaims: false,
    claimedGroups: [],
    ...change,
  };
}

/** A user that is linked to {@link account}. */
export function linkedUser(change: Partial<UserTarget> = {}): UserTarget {
  return userTarget({
    link: { coderId: ACCOUNT, coderName: 'ann', origin: 'created' },
    ownedOrganizations: [ORGANIZATION],
    ...change,
  });
}

/** The account that fits {@link userTarget}. */
export function account(change: Partial<CoderUser> = {}): CoderUser {
  return {
    id: ACCOUNT,
    username: 'ann',
    name: 'Ann Lee',
    email: 'ann@x.io',
    status: 'active',
    login_type: 'oidc',
    created_at: '2025-09-01T12:00:00Z',
    organization_ids: [ORGANIZATION],
    roles: [],
    ...change,
  };
}

export function seenUser(seen: Partial<UserView> = {}): UserView {
  return { account: null, sameEmail: null, ...seen };
}

/** A group without a link and without members. */
export function groupTarget(change: Partial<GroupTarget> = {}): GroupTarget {
  return {
    ...BASE,
    id: '0198f3a2-7c1d-7e55-9a41-c0ffee15600e',
    kind: 'group',
    claimed: false,
    madeForClaims: [],
    displayName: 'Platform & Tools',
    members: [],
    pendingMembers: { total: 0, coming: 0 },
    settings: {},
    ownedTemplates: [],
    ownedMembers: [],
    takenNames: [],
    ...change,
  };
}

/** A group that is linked to {@link group}. */
export function linkedGroup(change: Partial<GroupTarget> = {}): GroupTarget {
  return groupTarget({
    link: { coderId: GROUP, coderName: 'platform-tools', origin: 'created' },
    ...change,
  });
}

/** Stated members by their Coder ids. */
export function stated(ids: readonly string[]): GroupTarget['members'] {
  return ids.map((coderId) => ({ userId: `user-of-${coderId}`, coderId }));
}

/** The group that fits {@link groupTarget}, with these members. */
export function group(members: readonly string[] = [], change: Partial<CoderGroup> = {}): CoderGroup {
  return {
    id: GROUP,
    name: 'platform-tools',
    display_name: 'Platform & Tools',
    organization_id: ORGANIZATION,
    quota_allowance: 0,
    source: 'user',
    members: members.map(reduced),
    total_member_count: members.length,
    ...change,
  };
}

export function seenGroup(seen: Partial<GroupView> = {}): GroupView {
  return { group: null, sameName: null, ...seen };
}

function reduced(id: string): CoderReducedUser {
  return {
    id,
    username: `u${id}`,
    email: `${id}@x.io`,
    status: 'active',
    created_at: '2025-09-01T12:00:00Z',
  };
}
