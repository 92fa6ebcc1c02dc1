import type { State } from '../state/state.js';
import type { GroupRow, UserRow } from '../state/rows.js';
import type { TemplateRow } from '../state/tables.js';

const SITE_READERS = ['owner', 'user-admin', 'template-admin', 'auditor'];
const SITE_MANAGERS = ['owner', 'user-admin'];
const ORGANIZATION_READERS = [
  'organization-admin',
  'organization-user-admin',
  'organization-template-admin',
  'organization-auditor',
];
const ORGANIZATION_MANAGERS = ['organization-admin', 'organization-user-admin'];

/** Who asks, and what the roles allow. Only as fine as the routes here need. */
export class Caller {
  constructor(
    readonly user: UserRow,
    private readonly state: State,
  ) {}

  get id(): string {
    return this.user.id;
  }

  /** All users, or only oneself. */
  readsUser(id: string): boolean {
    return id === this.id || this.readsUsers();
  }

  readsUsers(): boolean {
    return has(this.user.roles, SITE_READERS);
  }

  /** Create, suspend, delete, rename. */
  managesUsers(): boolean {
    return has(this.user.roles, SITE_MANAGERS);
  }

  isOwner(): boolean {
    return this.user.roles.includes('owner');
  }

  readsOrganization(id: string): boolean {
    return this.readsUsers() || this.state.isMember(id, this.id);
  }

  /** All members and groups of the organization; a plain member sees only what is their own. */
  readsMembers(organizationId: string): boolean {
    return this.readsUsers() || has(this.organizationRoles(organizationId), ORGANIZATION_READERS);
  }

  /** Members and groups of the organization. */
  managesMembers(organizationId: string): boolean {
    return this.managesUsers() || has(this.organizationRoles(organizationId), ORGANIZATION_MANAGERS);
  }

  isOrganizationAdmin(organizationId: string): boolean {
    return this.isOwner() || this.organizationRoles(organizationId).includes('organization-admin');
  }

  readsGroup(group: GroupRow): boolean {
    return this.readsMembers(group.organization_id) || this.state.isInGroup(group, this.id);
  }

  readsIdpSync(organizationId?: string): boolean {
    return this.managesUsers() || (organizationId !== undefined && this.isOrganizationAdmin(organizationId));
  }

  /** The deployment's settings, licences' warnings and replicas. */
  readsDeployment(): boolean {
    return has(this.user.roles, ['owner', 'auditor']);
  }

  /** The whole audit log, or that of an organization. */
  readsAudit(organizationId?: string): boolean {
    if (has(this.user.roles, ['owner', 'auditor'])) return true;
    const roles = organizationId === undefined ? [] : this.organizationRoles(organizationId);
    return has(roles, ['organization-admin', 'organization-auditor']);
  }

  managesTemplates(organizationId: string): boolean {
    return (
      has(this.user.roles, ['owner', 'template-admin']) ||
      has(this.organizationRoles(organizationId), ['organization-admin', 'organization-template-admin'])
    );
  }

  /** Granted to the caller or one of the caller's groups, or by role. */
  readsTemplate(row: TemplateRow): boolean {
    if (this.managesTemplates(row.organization_id) || has(this.user.roles, ['auditor'])) return true;
    if (Object.hasOwn(row.user_acl, this.id)) return true;
    return Object.keys(row.group_acl).some((id) => {
      const group = this.state.groups.get(id);
      return group !== undefined && this.state.isInGroup(group, this.id);
    });
  }

  /** Workspaces of others; everybody has all rights over their own. */
  readsWorkspaces(organizationId: string, ownerId: string): boolean {
    return (
      ownerId === this.id || this.managesTemplates(organizationId) || this.user.roles.includes('auditor')
    );
  }

  managesWorkspaces(organizationId: string, ownerId: string): boolean {
    return ownerId === this.id || this.isOrganizationAdmin(organizationId);
  }

  private organizationRoles(id: string): readonly string[] {
    return this.state.members.get(id)?.get(this.id)?.roles ?? [];
  }
}

function has(roles: readonly string[], wanted: readonly string[]): boolean {
  return roles.some((role) => wanted.includes(role));
}
