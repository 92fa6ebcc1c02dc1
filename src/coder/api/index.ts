import type { Transport } from '../http/transport.js';
import { appearance } from './appearance.js';
import { audit } from './audit.js';
import { claims } from './claims.js';
import { deployment } from './deployment.js';
import { groupPages } from './group-pages.js';
import { groups } from './groups.js';
import { idpSync } from './idp-sync.js';
import { integrations } from './integrations.js';
import { keys } from './keys.js';
import { licenses } from './licenses.js';
import { members } from './members.js';
import { oauth2 } from './oauth2.js';
import { organizations } from './organizations.js';
import { provisioning } from './provisioning.js';
import { proxies } from './proxies.js';
import { quotas } from './quotas.js';
import { roles } from './roles.js';
import { scim } from './scim.js';
import { templates } from './templates.js';
import { users } from './users.js';
import { workspaces } from './workspaces.js';

/** All sections of Coder's API over one transport: one function per operation. */
export function coderApi(transport: Transport) {
  return {
    ...deployment(transport),
    ...licenses(transport),
    ...appearance(transport),
    ...users(transport),
    ...keys(transport),
    ...organizations(transport),
    ...members(transport),
    ...roles(transport),
    ...groups(transport),
    ...groupPages(transport),
    ...templates(transport),
    ...quotas(transport),
    ...workspaces(transport),
    ...idpSync(transport),
    ...claims(transport),
    ...audit(transport),
    ...provisioning(transport),
    ...proxies(transport),
    ...oauth2(transport),
    ...integrations(transport),
    ...scim(transport),
  };
}

export type CoderApi = ReturnType<typeof coderApi>;
export type { CoderAppearance, UpdateAppearanceRequest } from './appearance.js';
export type { CoderAuditRow } from './audit.js';
export type { CoderAuthMethods, CoderDeploymentConfig, CoderReplica } from './deployment.js';
export type {
  CoderGroupSync,
  CoderOrganizationSync,
  CoderRoleSync,
  GroupSyncRequest,
  MappingRequest,
} from './idp-sync.js';
export type { CoderXrayScan } from './integrations.js';
export type { CoderApiKey } from './keys.js';
export type { CoderLicense } from './licenses.js';
export type { CoderOAuth2App, CoderOAuth2NewSecret, CoderOAuth2Secret, CoderOAuth2Token } from './oauth2.js';
export type { OrganizationRequest } from './organizations.js';
export type { CoderProvisionerDaemon, CoderProvisionerKey } from './provisioning.js';
export type { CoderWorkspaceProxy } from './proxies.js';
export type { CoderQuietHours, CoderQuota } from './quotas.js';
export type { CoderAssignableRole, CoderPermission, CoderRole, CustomRoleRequest } from './roles.js';
export type { CoderScimUser } from './scim.js';
export type {
  CoderTemplate,
  CoderTemplateAcl,
  CoderTemplateRole,
  UpdateTemplateAclRequest,
} from './templates.js';
export type { CoderUserRoles, UsersQuery } from './users.js';
export type { CoderWorkspace, CoderWorkspaceBuild } from './workspaces.js';
