import type {
  Change,
  GroupRow,
  GroupSyncSettings,
  MemberRow,
  OrganizationRow,
  OrganizationSyncSettings,
  RoleSyncSettings,
  TokenRow,
  UserRow,
} from './rows.js';
import { SortedUsers } from './sorted-users.js';
import { DEFAULT_SWITCHES, merged, type Switches } from './switches.js';
import { TableStore } from './table-store.js';
import type { TableChange, TableName, Tables } from './tables.js';

/** All that the simulated deployment knows, as plain maps with the indexes that the routes need. */
export class State {
  readonly organizations = new Map<string, OrganizationRow>();
  /** Deleted ones included. */
  readonly users = new Map<string, UserRow>();
  /** organization id -> user id -> row; of deleted users too, as in Coder's table. */
  readonly members = new Map<string, Map<string, MemberRow>>();
  readonly groups = new Map<string, GroupRow>();
  /** group id -> user ids. The Everyone groups have no rows: everybody in the organization is in them. */
  readonly groupMembers = new Map<string, Set<string>>();
  readonly tokens = new Map<string, TokenRow>();
  /** user id -> how many workspaces the user owns. */
  readonly workspaces = new Map<string, number>();
  readonly groupSync = new Map<string, GroupSyncSettings>();
  readonly roleSync = new Map<string, RoleSyncSettings>();
  /** The tables that are looked at seldom. */
  readonly tables = new TableStore();
  organizationSync: OrganizationSyncSettings | null = null;
  /** Users of status active: the seats that are taken. */
  activeUsers = 0;
  switches: Switches = DEFAULT_SWITCHES;
  /** The port of the last start. */
  port: number | null = null;

  readonly sorted = new SortedUsers();
  /** user id -> ids of the user's organizations, in the order of joining. */
  readonly organizationsOf = new Map<string, Set<string>>();
  private readonly byUsername = new Map<string, string>();
  private readonly byEmail = new Map<string, string>();
  private readonly groupNames = new Map<string, Map<string, string>>();
  private readonly groupsOf = new Map<string, Set<string>>();

  /** Hears of every change, e.g. to write it to a file. */
  onChange: ((change: Change) => void) | null = null;

  /** The user, not deleted, of that username, whatever its case. */
  userByUsername(username: string): UserRow | undefined {
    return this.users.get(this.byUsername.get(username.toLowerCase()) ?? '');
  }

  /** The user, not deleted, of that email, whatever its case. */
  userByEmail(email: string): UserRow | undefined {
    return this.users.get(this.byEmail.get(email.toLowerCase()) ?? '');
  }

  get defaultOrganization(): OrganizationRow {
    for (const organization of this.organizations.values()) if (organization.is_default) return organization;
    throw new Error('the simulated deployment has no default organization');
  }

  organizationByName(name: string): OrganizationRow | undefined {
    const wanted = name.toLowerCase();
    for (const organization of this.organizations.values()) {
      if (organization.name.toLowerCase() === wanted) return organization;
    }
    return undefined;
  }

  isMember(organizationId: string, userId: string): boolean {
    return this.members.get(organizationId)?.has(userId) ?? false;
  }

  /** By its exact name, case and all. */
  groupByName(organizationId: string, name: string): GroupRow | undefined {
    return this.groups.get(this.groupNames.get(organizationId)?.get(name) ?? '');
  }

  groupsIn(organizationId: string): GroupRow[] {
    const ids = this.groupNames.get(organizationId)?.values() ?? [];
    return Array.from(ids, (id) => this.groups.get(id)).filter((group) => group !== undefined);
  }

  isInGroup(group: GroupRow, userId: string): boolean {
    if (group.id === group.organization_id) return this.isMember(group.organization_id, userId);
    return this.groupMembers.get(group.id)?.has(userId) ?? false;
  }

  /** The group's members that are not deleted; of Everyone: the members of the organization. */
  usersIn(group: GroupRow): UserRow[] {
    const everyone = group.id === group.organization_id;
    const ids = (everyone ? this.members.get(group.id)?.keys() : this.groupMembers.get(group.id)) ?? [];
    const users: UserRow[] = [];
    for (const id of ids) {
      const user = this.users.get(id);
      if (user && !user.deleted) users.push(user);
    }
    return users;
  }

  groupIdsOf(userId: string): ReadonlySet<string> {
    return this.groupsOf.get(userId) ?? new Set();
  }

  /** The one way in: changes the maps and their indexes, and tells {@link onChange}. */
  apply(change: Change): void {
    this.take(change);
    this.onChange?.(change);
  }

  /** Puts a row into a table, or takes it out (null). */
  put<K extends TableName>(table: K, id: string, row: Tables[K] | null): void {
    this.apply(['row', table, id, row] as TableChange);
  }

  private take(change: Change): void {
    switch (change[0]) {
      case 'organization':
        return void this.organizations.set(change[1].id, change[1]);
      case '-organization':
        return this.dropOrganization(change[1]);
      case 'user':
        return this.putUser(change[1]);
      case 'member':
        inner(this.members, change[1].organization_id, () => new Map()).set(change[1].user_id, change[1]);
        return void inner(this.organizationsOf, change[1].user_id, () => new Set()).add(
          change[1].organization_id,
        );
      case '-member':
        this.members.get(change[1])?.delete(change[2]);
        return void this.organizationsOf.get(change[2])?.delete(change[1]);
      case 'group':
        return this.putGroup(change[1]);
      case '-group':
        return this.dropGroup(change[1]);
      case 'groupMember':
        inner(this.groupMembers, change[1], () => new Set()).add(change[2]);
        return void inner(this.groupsOf, change[2], () => new Set()).add(change[1]);
      case '-groupMember':
        this.groupMembers.get(change[1])?.delete(change[2]);
        return void this.groupsOf.get(change[2])?.delete(change[1]);
      case 'token':
        return void this.tokens.set(change[1].id, change[1]);
      case '-token':
        return void this.tokens.delete(change[1]);
      default:
        return this.takeSetting(change);
    }
  }

  private takeSetting(change: Change): void {
    if (change[0] === 'workspaces') this.workspaces.set(change[1], change[2]);
    else if (change[0] === 'switches') this.switches = merged(DEFAULT_SWITCHES, change[1]);
    else if (change[0] === 'organizationSync') this.organizationSync = change[1];
    else if (change[0] === 'groupSync') this.groupSync.set(change[1], change[2]);
    else if (change[0] === 'roleSync') this.roleSync.set(change[1], change[2]);
    else if (change[0] === 'port') this.port = change[1];
    else if (change[0] === 'row') this.tables.take(change);
  }

  private putUser(user: UserRow): void {
    const old = this.users.get(user.id);
    if (old && !old.deleted) {
      this.byUsername.delete(old.username.toLowerCase());
      this.byEmail.delete(old.email.toLowerCase());
      this.sorted.remove(old);
      if (old.status === 'active') this.activeUsers -= 1;
    }
    this.users.set(user.id, user);
    if (user.deleted) return;
    this.byUsername.set(user.username.toLowerCase(), user.id);
    this.byEmail.set(user.email.toLowerCase(), user.id);
    this.sorted.add(user);
    if (user.status === 'active') this.activeUsers += 1;
  }

  private dropOrganization(id: string): void {
    this.organizations.delete(id);
    this.groupSync.delete(id);
    this.roleSync.delete(id);
    for (const group of this.groupsIn(id)) this.dropGroup(group.id);
    for (const userId of this.members.get(id)?.keys() ?? []) this.organizationsOf.get(userId)?.delete(id);
    this.members.delete(id);
  }

  private putGroup(group: GroupRow): void {
    const names = inner(this.groupNames, group.organization_id, () => new Map<string, string>());
    const old = this.groups.get(group.id);
    if (old && old.name !== group.name) names.delete(old.name);
    this.groups.set(group.id, group);
    names.set(group.name, group.id);
  }

  private dropGroup(id: string): void {
    const group = this.groups.get(id);
    if (!group) return;
    this.groups.delete(id);
    this.groupNames.get(group.organization_id)?.delete(group.name);
    for (const userId of this.groupMembers.get(id) ?? []) this.groupsOf.get(userId)?.delete(id);
    this.groupMembers.delete(id);
  }
}

function inner<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
