import { randomUUID } from 'node:crypto';
import type { Clock, JsonObject } from '../../common/index.js';
import { builds } from '../rules/builds.js';
import { randomText } from '../rules/secrets.js';
import { type AuditRow, Ledger } from './ledger.js';
import type { TokenRow, UserRow } from './rows.js';
import { State } from './state.js';
import type {
  LicenseRow,
  ReplicaRow,
  TemplateRow,
  Transition,
  WorkspaceBuildRow,
  WorkspaceRow,
} from './tables.js';

/** In seconds. */
const YEAR = 365 * 86_400;
const MONTH = 30 * 86_400;

/** The writes around people: tokens, licences, replicas, templates and workspaces. */
export class Provisioning {
  readonly state = new State();
  readonly ledger: Ledger;
  /** When somebody last asked for the entitlements to be read anew; milliseconds since the epoch. */
  refreshedAt = 0;
  /** Workspaces whose builds fail. */
  readonly failingBuilds = new Set<string>();

  constructor(readonly clock: Clock) {
    this.ledger = new Ledger(clock);
  }

  now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  /** Answers what the client shows: `<10 characters>-<22 characters>`. */
  createToken(user: UserRow, fields: Pick<TokenRow, 'name' | 'expires_at' | 'login_type'>): string {
    const token = { id: randomText(10), secret: randomText(22), user_id: user.id, created_at: this.now() };
    this.state.apply(['token', { ...token, ...fields }]);
    return `${token.id}-${token.secret}`;
  }

  /** Everyone of the organization may use it. */
  createTemplate(organizationId: string, name: string): TemplateRow {
    const now = this.now();
    const row: TemplateRow = {
      id: randomUUID(),
      organization_id: organizationId,
      name,
      display_name: '',
      created_at: now,
      updated_at: now,
      user_acl: {},
      group_acl: { [organizationId]: 'use' },
    };
    this.state.put('template', row.id, row);
    return row;
  }

  /** A new workspace, starting. */
  createWorkspace(
    template: TemplateRow,
    owner: UserRow,
    request: { readonly name: string; readonly initiator: string; readonly dailyCost?: number },
  ): WorkspaceRow {
    const now = this.now();
    const row = {
      id: randomUUID(),
      owner_id: owner.id,
      organization_id: template.organization_id,
      template_id: template.id,
      name: request.name,
      created_at: now,
      updated_at: now,
      last_used_at: now,
      dormant_at: null,
      autostart_schedule: null,
      ttl_ms: null,
      daily_cost: request.dailyCost ?? 0,
      latest_build_id: '',
    };
    const { organization_id } = row;
    this.audit('create', 'workspace', row.id, row.name, request.initiator, { organization_id });
    const build = this.build(row, 'start', request.initiator);
    return { ...row, latest_build_id: build.id };
  }

  /** Orders a build; the clock finishes it. */
  build(workspace: WorkspaceRow, transition: Transition, by: string): WorkspaceBuildRow {
    const last = this.state.tables.get('workspaceBuild', workspace.latest_build_id);
    const build = {
      id: randomUUID(),
      workspace_id: workspace.id,
      build_number: (last?.build_number ?? 0) + 1,
      transition,
      initiator_id: by,
      created_at: this.now(),
      done_at: this.clock.now() + this.state.switches.buildTime,
      fails: this.failingBuilds.has(workspace.id),
      canceled_at: null,
    };
    this.state.put('workspaceBuild', build.id, build);
    const changed = { ...workspace, latest_build_id: build.id, updated_at: this.now() };
    this.state.put('workspace', workspace.id, changed);
    const action = transition === 'delete' ? 'delete' : transition;
    const { organization_id } = workspace;
    this.audit(action, 'workspace_build', build.id, workspace.name, by, { organization_id });
    return build;
  }

  /** Workspaces that the user has, deleted ones not counted. */
  ownedWorkspaces(userId: string): number {
    let owned = this.state.workspaces.get(userId) ?? 0;
    if (this.state.tables.size('workspace') === 0) return owned;
    const work = builds(this.state, this.clock.now());
    for (const row of this.state.tables.rows('workspace')) {
      if (row.owner_id === userId && work.status(row) !== 'deleted') owned += 1;
    }
    return owned;
  }

  /** Valid for a year and a month of grace, unless the claims say otherwise. */
  addLicense(claims: JsonObject): LicenseRow {
    const id = Math.max(0, ...this.state.tables.rows('license').map((row) => row.id)) + 1;
    const now = Math.floor(this.clock.now() / 1000);
    const times = { iat: now, license_expires: now + YEAR, exp: now + YEAR + MONTH };
    const row = { id, uuid: randomUUID(), uploaded_at: this.now(), claims: { ...times, ...claims } };
    this.state.put('license', String(id), row);
    return row;
  }

  addReplica(hostname: string): ReplicaRow {
    const row = { hostname, relay_address: `http://${hostname}:8080`, region_id: 999, error: '' };
    const replica = { id: randomUUID(), created_at: this.now(), database_latency: 1, ...row };
    this.state.put('replica', replica.id, replica);
    return replica;
  }

  /** Writes an audit row, where the licence has the audit log. */
  audit(
    action: AuditRow['action'],
    type: AuditRow['resource_type'],
    id: string,
    target: string,
    by: string | null,
    more: Pick<AuditRow, 'organization_id' | 'additional_fields'> = {},
  ): void {
    if (!this.state.switches.features['audit_log']) return;
    const row = { action, resource_type: type, resource_id: id, resource_target: target, user_id: by };
    this.ledger.audit({ ...row, ...more });
  }
}
