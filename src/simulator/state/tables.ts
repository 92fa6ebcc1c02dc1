import type { JsonObject } from '../../common/index.js';

/** Rows of the tables that the bridge reads or writes seldom; one map each, keyed by the row's id. */
export interface Tables {
  /** One row, of id `appearance`. */
  readonly appearance: AppearanceRow;
  readonly customRole: CustomRoleRow;
  readonly license: LicenseRow;
  /** Template id -> how its notifications are delivered. */
  readonly notificationTemplate: { readonly id: string; readonly method: string };
  readonly oauthApp: OAuthAppRow;
  readonly oauthSecret: OAuthSecretRow;
  readonly oauthGrant: OAuthGrantRow;
  /** What an identity provider says of a user, keyed by user id; the claims are of the last login. */
  readonly oidcLink: OidcLinkRow;
  readonly provisionerDaemon: ProvisionerDaemonRow;
  readonly provisionerKey: ProvisionerKeyRow;
  /** User id -> a schedule of their own. */
  readonly quietHours: { readonly id: string; readonly schedule: string };
  readonly replica: ReplicaRow;
  readonly template: TemplateRow;
  readonly workspace: WorkspaceRow;
  readonly workspaceBuild: WorkspaceBuildRow;
  readonly workspaceProxy: WorkspaceProxyRow;
  /** Keyed by workspace and agent. */
  readonly xrayScan: XrayScanRow;
}

export type TableName = keyof Tables;

/** A new or changed row of a table; null: it is gone. */
export type TableChange = {
  [K in TableName]: readonly ['row', table: K, id: string, row: Tables[K] | null];
}[TableName];

export interface Banner {
  readonly enabled: boolean;
  readonly message?: string;
  readonly background_color?: string;
}

export interface AppearanceRow {
  readonly application_name: string;
  readonly logo_url: string;
  readonly service_banner: Banner;
  readonly announcement_banners: readonly Banner[];
}

export interface CustomRoleRow {
  readonly name: string;
  readonly organization_id: string;
  readonly display_name: string;
  readonly organization_permissions: readonly JsonObject[];
}

export interface LicenseRow {
  readonly id: number;
  readonly uuid: string;
  readonly uploaded_at: string;
  /** `license_expires` and `exp` are seconds since the epoch: full rights end at the first, grace at the second. */
  readonly claims: JsonObject;
}

export interface OAuthAppRow {
  readonly id: string;
  readonly name: string;
  readonly callback_url: string;
  readonly icon: string;
}

export interface OAuthSecretRow {
  readonly id: string;
  readonly app_id: string;
  readonly secret: string;
  readonly last_used_at: string | null;
}

/** A code that was not exchanged yet, or a token that was. */
export interface OAuthGrantRow {
  readonly app_id: string;
  readonly user_id: string;
  readonly kind: 'code' | 'refresh';
  /** The session token that came of it. */
  readonly token_id: string;
}

export interface OidcLinkRow {
  readonly user_id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly claims: JsonObject;
}

export interface ProvisionerKeyRow {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly created_at: string;
}

export interface ProvisionerDaemonRow {
  readonly id: string;
  readonly organization_id: string;
  readonly key_id: string;
  readonly name: string;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly version: string;
  readonly api_version: string;
  readonly provisioners: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface ReplicaRow {
  readonly id: string;
  readonly hostname: string;
  readonly created_at: string;
  readonly relay_address: string;
  readonly region_id: number;
  /** Empty: it is well. */
  readonly error: string;
  readonly database_latency: number;
}

export type TemplateRole = 'use' | 'admin';

export interface TemplateRow {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly display_name: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** User id -> role. */
  readonly user_acl: Readonly<Record<string, TemplateRole>>;
  /** Group id -> role; ids of groups that are gone stay behind. */
  readonly group_acl: Readonly<Record<string, TemplateRole>>;
}

export interface WorkspaceRow {
  readonly id: string;
  readonly owner_id: string;
  readonly organization_id: string;
  readonly template_id: string;
  readonly name: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly last_used_at: string;
  /** Null: it is not dormant. */
  readonly dormant_at: string | null;
  readonly autostart_schedule: string | null;
  readonly ttl_ms: number | null;
  readonly daily_cost: number;
  readonly latest_build_id: string;
}

export type Transition = 'start' | 'stop' | 'delete';

export interface WorkspaceBuildRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly build_number: number;
  readonly transition: Transition;
  readonly initiator_id: string;
  readonly created_at: string;
  /** Milliseconds since the epoch: from then on the work is done. */
  readonly done_at: number;
  /** The provisioner fails instead of finishing. */
  readonly fails: boolean;
  readonly canceled_at: string | null;
}

export interface WorkspaceProxyRow {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly icon_url: string;
  readonly secret: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** As proxies that never registered are, until an operator says otherwise. */
  readonly status: 'ok' | 'unreachable' | 'unhealthy' | 'unregistered';
}

export interface XrayScanRow {
  readonly workspace_id: string;
  readonly agent_id: string;
  readonly critical: number;
  readonly high: number;
  readonly medium: number;
  readonly results_url: string;
}
