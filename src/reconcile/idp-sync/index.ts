export { IdpSyncModule } from './idp-sync.module.js';
export { SyncSettings } from './sync-settings.js';
