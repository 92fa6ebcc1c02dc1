import type { Clock } from '../../common/index.js';

export interface AuditRow {
  /** Counted from 1, over resets. */
  readonly number: number;
  readonly at: number;
  readonly action: 'create' | 'write' | 'delete' | 'start' | 'stop' | 'login' | 'register';
  readonly resource_type:
    | 'user'
    | 'organization_member'
    | 'group'
    | 'organization'
    | 'custom_role'
    | 'template'
    | 'api_key'
    | 'license'
    | 'workspace'
    | 'workspace_build'
    | 'workspace_proxy'
    | 'oauth2_provider_app'
    | 'oauth2_provider_app_secret'
    | 'notification_template'
    | 'idp_sync_settings_organization'
    | 'idp_sync_settings_group'
    | 'idp_sync_settings_role';
  readonly resource_id: string;
  /** Username or group name. */
  readonly resource_target: string;
  /** Who did it; none: an edit behind the bridge's back. */
  readonly user_id: string | null;
  readonly organization_id?: string;
  /** Coder's SCIM server names itself here. */
  readonly additional_fields?: Readonly<Record<string, string>>;
}

export type NotificationKind = 'user created' | 'user suspended' | 'user activated' | 'user deleted';

const KEPT = 20_000;

/** What Coder tells people about changes: audit rows and notifications, counted so that quiet repeats can be shown. */
export class Ledger {
  /** The newest rows; {@link audited} counts all of them. */
  readonly rows: AuditRow[] = [];
  audited = 0;
  private number = 0;
  readonly notifications = new Map<NotificationKind, number>();

  constructor(private readonly clock: Clock) {}

  audit(row: Omit<AuditRow, 'at' | 'number'>): void {
    this.audited += 1;
    this.number += 1;
    this.rows.push({ number: this.number, at: this.clock.now(), ...row });
    if (this.rows.length > KEPT * 2) this.rows.splice(0, KEPT);
  }

  notify(kind: NotificationKind): void {
    this.notifications.set(kind, this.notified(kind) + 1);
  }

  /** How many notifications of this kind went out. */
  notified(kind: NotificationKind): number {
    return this.notifications.get(kind) ?? 0;
  }

  reset(): void {
    this.rows.length = 0;
    this.audited = 0;
    this.notifications.clear();
  }
}
