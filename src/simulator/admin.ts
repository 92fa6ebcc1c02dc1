import type { JsonObject } from '../common/index.js';
import { login, type LoginResult } from './login/login.js';
import type { Deployment, NewGroup, NewUser } from './state/deployment.js';
import type {
  GroupRow,
  GroupSyncSettings,
  OrganizationRow,
  OrganizationSyncSettings,
  RoleSyncSettings,
  UserRow,
} from './state/rows.js';
import { merged, type SwitchChange, type Switches } from './state/switches.js';
import type { TemplateRow, WorkspaceRow } from './state/tables.js';

export interface AdminControls {
  /** After each edit: writes it to the state file. */
  readonly commit: () => void;
  readonly stopListening: () => Promise<void>;
  readonly startListening: () => Promise<void>;
}

/**
 * An operator's hand: edits behind the bridge's back, and the deployment's switches. Users are named by id, username
 * or email, groups by id or name in the default organization; naming nothing throws.
 */
export class Admin {
  constructor(
    private readonly deployment: Deployment,
    private readonly controls: AdminControls,
  ) {}

  /** Refuses connections entirely, until {@link startListening}; the same port is used again. */
  stopListening(): Promise<void> {
    return this.controls.stopListening();
  }

  startListening(): Promise<void> {
    return this.controls.startListening();
  }

  createOrganization(name: string, displayName?: string): OrganizationRow {
    return this.done(this.deployment.createOrganization(name, displayName));
  }

  /** In the default organization unless `organization_ids` says otherwise. Of status active, unlike Coder's default. */
  createUser(user: NewUser): UserRow {
    const { state } = this.deployment;
    if (state.userByUsername(user.username) ?? state.userByEmail(user.email)) {
      throw new Error(`the simulator has a user ${user.username} or ${user.email} already`);
    }
    const organizations = user.organization_ids ?? [state.defaultOrganization.id];
    const status = user.status ?? 'active';
    return this.done(this.deployment.createUser({ ...user, status, organization_ids: organizations }, null));
  }

  /** A token of that user, for calls with other roles. @param expiresAt milliseconds since the epoch */
  createToken(user: string, expiresAt?: number): string {
    const owner = this.user(user);
    return this.done(
      this.deployment.createToken(owner, expiresAt === undefined ? {} : { expires_at: expiresAt }),
    );
  }

  /**
   * Logs somebody in over OIDC with these claims: Coder's own sync of organizations, groups and roles runs. A refused
   * login answers its status and message.
   */
  login(claims: JsonObject): LoginResult {
    return this.done(login(this.deployment, claims, Math.random));
  }

  suspend(user: string): UserRow {
    return this.done(this.deployment.setStatus(this.user(user), 'suspended', null));
  }

  activate(user: string): UserRow {
    return this.done(this.deployment.setStatus(this.user(user), 'active', null));
  }

  /** Sets any field, e.g. the email as a login would. */
  updateUser(user: string, fields: Partial<Omit<UserRow, 'id'>>): UserRow {
    const { id } = this.user(user);
    const { state } = this.deployment;
    const others = [state.userByUsername(fields.username ?? ''), state.userByEmail(fields.email ?? '')];
    if (others.some((other) => other && other.id !== id))
      throw new Error(`the simulator has such a user already`);
    return this.done(this.deployment.updateUser(this.user(user), fields, null));
  }

  deleteUser(user: string): void {
    this.done(this.deployment.deleteUser(this.user(user), null));
  }

  setRoles(user: string, roles: readonly string[]): UserRow {
    return this.done(this.deployment.updateUser(this.user(user), { roles }, null));
  }

  /** Roles in the organization; without one: in the default one. */
  setOrganizationRoles(user: string, roles: readonly string[], organization?: string): void {
    const member = this.deployment.state.members
      .get(this.organizationId(organization))
      ?.get(this.user(user).id);
    if (!member) throw new Error(`${user} is not in that organization of the simulator`);
    this.done(this.deployment.setMemberRoles(member, roles, null));
  }

  addToOrganization(user: string, organization?: string): void {
    this.done(this.deployment.addMember(this.organizationId(organization), this.user(user), null));
  }

  removeFromOrganization(user: string, organization?: string): void {
    this.done(this.deployment.removeMember(this.organizationId(organization), this.user(user), null));
  }

  createGroup(group: NewGroup, organization?: string): GroupRow {
    return this.done(this.deployment.createGroup(this.organizationId(organization), group, null));
  }

  renameGroup(group: string, name: string): GroupRow {
    return this.done(this.deployment.updateGroup(this.group(group), { name }, { add: [], remove: [] }, null));
  }

  deleteGroup(group: string): void {
    this.done(this.deployment.deleteGroup(this.group(group), null));
  }

  addToGroup(group: string, ...users: string[]): void {
    const add = users.map((user) => this.user(user).id);
    this.done(this.deployment.updateGroup(this.group(group), {}, { add, remove: [] }, null));
  }

  removeFromGroup(group: string, ...users: string[]): void {
    const remove = users.map((user) => this.user(user).id);
    this.done(this.deployment.updateGroup(this.group(group), {}, { add: [], remove }, null));
  }

  /** A template of the organization (the default one when absent) that Everyone there may use. */
  createTemplate(name: string, organization?: string): TemplateRow {
    return this.done(this.deployment.createTemplate(this.organizationId(organization), name));
  }

  /** A workspace of the user, running once the build time is over. The template is named by its id or name. */
  createWorkspace(user: string, name: string, template: string, dailyCost = 0): WorkspaceRow {
    const { tables } = this.deployment.state;
    const found = tables.rows('template').find((row) => row.id === template || row.name === template);
    if (!found) throw new Error(`the simulator has no template ${template}`);
    const owner = this.user(user);
    return this.done(this.deployment.createWorkspace(found, owner, { name, initiator: owner.id, dailyCost }));
  }

  /** Whether the provisioner fails each further build of a workspace. */
  failBuilds(workspaceId: string, fails = true): void {
    if (fails) this.deployment.failingBuilds.add(workspaceId);
    else this.deployment.failingBuilds.delete(workspaceId);
  }

  /** How many workspaces the user owns besides those that can be seen; a user with any cannot be deleted. */
  setWorkspaces(user: string, owned: number): void {
    this.done(this.deployment.state.apply(['workspaces', this.user(user).id, owned]));
  }

  get switches(): Switches {
    return this.deployment.state.switches;
  }

  /** Features, quiet hours and OIDC settings are merged by name, the rest is replaced. */
  set(switches: SwitchChange): void {
    const { state } = this.deployment;
    this.done(state.apply(['switches', merged(state.switches, switches)]));
  }

  setOrganizationSync(settings: Partial<OrganizationSyncSettings>): void {
    const unset = { field: '', mapping: {}, organization_assign_default: true };
    this.done(this.deployment.state.apply(['organizationSync', { ...unset, ...settings }]));
  }

  setGroupSync(settings: Partial<GroupSyncSettings>, organization?: string): void {
    const unset = { field: '', mapping: {}, regex_filter: null, auto_create_missing_groups: false };
    this.done(
      this.deployment.state.apply([
        'groupSync',
        this.organizationId(organization),
        { ...unset, ...settings },
      ]),
    );
  }

  setRoleSync(settings: Partial<RoleSyncSettings>, organization?: string): void {
    const id = this.organizationId(organization);
    this.done(this.deployment.state.apply(['roleSync', id, { field: '', mapping: {}, ...settings }]));
  }

  /** The user of that id, username or email. @throws when there is none, or it is deleted */
  user(text: string): UserRow {
    const { state } = this.deployment;
    const user = state.users.get(text) ?? state.userByUsername(text) ?? state.userByEmail(text);
    if (!user || user.deleted) throw new Error(`the simulator has no user ${text}`);
    return user;
  }

  /** Ids of the organizations that the user is in. */
  organizationsOf(user: string): string[] {
    const { id } = this.user(user);
    const { state } = this.deployment;
    return [...state.organizations.keys()].filter((organization) => state.isMember(organization, id));
  }

  /** Roles that the user has in the organization; none for who is not in it. */
  organizationRoles(user: string, organization?: string): readonly string[] {
    const members = this.deployment.state.members.get(this.organizationId(organization));
    return members?.get(this.user(user).id)?.roles ?? [];
  }

  /** The organization of that id or name. @throws when there is none */
  organization(text: string): OrganizationRow {
    const found = this.deployment.state.organizations.get(this.organizationId(text));
    if (!found) throw new Error(`the simulator has no organization ${text}`);
    return found;
  }

  /**
   * The group of that id, or of that exact name in the organization; without one: in the default one.
   *
   * @throws when there is none
   */
  group(text: string, organization?: string): GroupRow {
    const { state } = this.deployment;
    const group = state.groups.get(text) ?? state.groupByName(this.organizationId(organization), text);
    if (!group) throw new Error(`the simulator has no group ${text}`);
    return group;
  }

  /** Usernames of the group's members, sorted. */
  membersOf(group: string, organization?: string): string[] {
    return this.deployment.state
      .usersIn(this.group(group, organization))
      .map((user) => user.username)
      .toSorted();
  }

  private organizationId(text: string | undefined): string {
    const { state } = this.deployment;
    if (text === undefined) return state.defaultOrganization.id;
    const found = state.organizations.get(text) ?? state.organizationByName(text);
    if (!found) throw new Error(`the simulator has no organization ${text}`);
    return found.id;
  }

  private done<T>(result: T): T {
    this.controls.commit();
    return result;
  }
}
