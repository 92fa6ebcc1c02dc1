export { admission } from './allow-list.js';
export type { Admission } from './allow-list.js';
export { withClaimPaths } from './claim-path.js';
export type { ClaimPath } from './claim-path.js';
export { claimValues } from './claim-values.js';
export type { ClaimValues, ReadClaims } from './claim-values.js';
export type { Decision, Dropped, Read } from './decision.js';
export { claimedGroups } from './groups.js';
export type { ClaimedGroup, GroupInOrganization } from './groups.js';
export { claimedOrganizations } from './organizations.js';
export type { KnownOrganizations } from './organizations.js';
export { compileFilter } from './regex.js';
export type { CompiledFilter } from './regex.js';
export { claimedRoles, claimedSiteRoles } from './roles.js';
export { isUnread } from './settings.js';
export type {
  AllowListSettings,
  GroupSyncSettings,
  IdpSyncRules,
  OrganizationSyncSettings,
  RoleSyncSettings,
  SiteRoleSettings,
  SyncMapping,
  Unread,
} from './settings.js';
export { syncedAccess } from './sync.js';
export type { SyncedAccess, SyncWorld } from './sync.js';
