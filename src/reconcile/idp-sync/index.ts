export type { PlannedChange } from './changes.js';
export type { Finding } from './check.js';
export { NoSuchConnection } from './documents.js';
export { IdpSyncModule } from './idp-sync.module.js';
export type { ConnectionReport, ReportedSync, RulesReport } from './report.js';
export { RulesAdmin, RulesUnavailable } from './rules-admin.js';
export { SettingDigests } from './setting-digests.js';
export { SyncSettings } from './sync-settings.js';
export type { ChangeResult } from './write.js';
