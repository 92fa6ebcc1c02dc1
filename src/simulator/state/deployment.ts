import { randomUUID } from 'node:crypto';
import type { CoderLoginType, CoderUserStatus } from '../../coder/index.js';
import type { AuditRow, NotificationKind } from './ledger.js';
import { Provisioning } from './provisioning.js';
import type { GroupRow, MemberRow, OrganizationRow, UserRow } from './rows.js';

/** Never-seen users carry Go's zero time. */
const NEVER = '0001-01-01T00:00:00Z';

/** Everyone's name, in each organization; exact case. */
export const EVERYONE = 'Everyone';

export interface NewUser {
  readonly email: string;
  readonly username: string;
  readonly name?: string;
  readonly login_type?: CoderLoginType;
  readonly status?: CoderUserStatus;
  readonly roles?: readonly string[];
  readonly organization_ids?: readonly string[];
}

export interface NewGroup {
  readonly name: string;
  readonly display_name?: string;
  readonly avatar_url?: string;
  readonly quota_allowance?: number;
  readonly source?: 'user' | 'oidc';
}

/**
 * The writes of the simulated deployment with what follows from each (triggers, audit rows, notifications). They check
 * nothing: the routes do, and edits behind the bridge's back are free to.
 */
export class Deployment extends Provisioning {
  createOrganization(name: string, displayName = '', isDefault = false): OrganizationRow {
    const now = this.now();
    const id = randomUUID();
    const row = { id, name, display_name: displayName, description: '', icon: '', is_default: isDefault };
    const organization: OrganizationRow = { ...row, created_at: now, updated_at: now };
    this.state.apply(['organization', organization]);
    const everyone = { display_name: '', avatar_url: '', quota_allowance: 0, source: 'user' } as const;
    this.state.apply(['group', { id, organization_id: id, name: EVERYONE, ...everyone }]);
    return organization;
  }

  /** @param how notifies, and audits without additional fields, unless it says otherwise */
  createUser(
    request: NewUser,
    by: string | null,
    how: { readonly notify?: boolean } & Pick<AuditRow, 'additional_fields'> = {},
  ): UserRow {
    const now = this.now();
    const user: UserRow = {
      id: randomUUID(),
      username: request.username,
      email: request.email,
      name: request.name ?? '',
      avatar_url: '',
      created_at: now,
      updated_at: now,
      last_seen_at: NEVER,
      status: request.status ?? 'dormant',
      login_type: request.login_type ?? 'oidc',
      roles: request.roles ?? [],
      deleted: false,
    };
    this.state.apply(['user', user]);
    for (const id of new Set(request.organization_ids ?? [])) this.join(id, user.id);
    const { additional_fields: fields } = how;
    this.audit('create', 'user', user.id, user.username, by, fields && { additional_fields: fields });
    if (how.notify !== false) this.ledger.notify('user created');
    return user;
  }

  updateUser(
    user: UserRow,
    fields: Partial<UserRow>,
    by: string | null,
    additional?: AuditRow['additional_fields'],
  ): UserRow {
    const updated = { ...user, ...fields, updated_at: this.now() };
    this.state.apply(['user', updated]);
    const more = additional && { additional_fields: additional };
    this.audit('write', 'user', user.id, updated.username, by, more);
    return updated;
  }

  /** Coder notifies again even when the status was the same before. */
  setStatus(user: UserRow, status: CoderUserStatus, by: string | null): UserRow {
    const kinds: Partial<Record<CoderUserStatus, NotificationKind>> = {
      active: 'user activated',
      suspended: 'user suspended',
    };
    const kind = kinds[status];
    if (kind) this.ledger.notify(kind);
    return this.updateUser(user, { status }, by);
  }

  /** Softly: tokens go, name and email become free, rows of memberships stay behind unseen. */
  deleteUser(user: UserRow, by: string | null): void {
    for (const token of this.state.tokens.values()) {
      if (token.user_id === user.id) this.state.apply(['-token', token.id]);
    }
    this.state.apply(['user', { ...user, deleted: true, updated_at: this.now() }]);
    this.audit('delete', 'user', user.id, user.username, by);
    this.ledger.notify('user deleted');
  }

  addMember(organizationId: string, user: UserRow, by: string | null): MemberRow {
    const member = this.join(organizationId, user.id);
    const row = { organization_id: organizationId };
    this.audit('create', 'organization_member', user.id, user.username, by, row);
    return member;
  }

  setMemberRoles(member: MemberRow, roles: readonly string[], by: string | null): MemberRow {
    const updated = { ...member, roles: [...new Set(roles)].toSorted(), updated_at: this.now() };
    this.state.apply(['member', updated]);
    const { organization_id, user_id } = member;
    this.audit('write', 'organization_member', user_id, '', by, { organization_id });
    return updated;
  }

  /** A trigger drops the user's group memberships in that organization too. */
  removeMember(organizationId: string, user: UserRow, by: string | null): void {
    this.leave(organizationId, user.id);
    const row = { organization_id: organizationId };
    this.audit('delete', 'organization_member', user.id, user.username, by, row);
  }

  createGroup(organizationId: string, request: NewGroup, by: string | null): GroupRow {
    const group: GroupRow = {
      id: randomUUID(),
      organization_id: organizationId,
      name: request.name,
      display_name: request.display_name ?? '',
      avatar_url: request.avatar_url ?? '',
      quota_allowance: request.quota_allowance ?? 0,
      source: request.source ?? 'user',
    };
    this.state.apply(['group', group]);
    const { organization_id } = group;
    this.audit('create', 'group', group.id, group.name, by, { organization_id });
    return group;
  }

  updateGroup(
    group: GroupRow,
    fields: Partial<GroupRow>,
    members: { readonly add: readonly string[]; readonly remove: readonly string[] },
    by: string | null,
  ): GroupRow {
    const updated = { ...group, ...fields };
    this.state.apply(['group', updated]);
    for (const id of members.add) this.state.apply(['groupMember', group.id, id]);
    for (const id of members.remove) this.state.apply(['-groupMember', group.id, id]);
    const { organization_id } = group;
    this.audit('write', 'group', group.id, updated.name, by, { organization_id });
    return updated;
  }

  deleteGroup(group: GroupRow, by: string | null): void {
    this.state.apply(['-group', group.id]);
    const { organization_id } = group;
    this.audit('delete', 'group', group.id, group.name, by, { organization_id });
  }

  /** Takes the membership and those in the organization's groups away, without audit. */
  leave(organizationId: string, userId: string): void {
    for (const groupId of this.state.groupIdsOf(userId)) {
      if (this.state.groups.get(groupId)?.organization_id === organizationId) {
        this.state.apply(['-groupMember', groupId, userId]);
      }
    }
    this.state.apply(['-member', organizationId, userId]);
  }

  newId(): string {
    return randomUUID();
  }

  /** Adds the membership, without audit. */
  join(organizationId: string, userId: string): MemberRow {
    const now = this.now();
    const ids = { organization_id: organizationId, user_id: userId };
    const member: MemberRow = { ...ids, created_at: now, updated_at: now, roles: [] };
    this.state.apply(['member', member]);
    return member;
  }
}
