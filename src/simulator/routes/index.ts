import { scimRoutes } from '../scim/index.js';
import type { Route } from '../server/route.js';
import { claimFieldRoutes } from './claim-fields.js';
import { createUserRoute } from './create-user.js';
import { customRoleRoutes } from './custom-roles.js';
import { editOrganizationRoutes } from './edit-organizations.js';
import { generalRoutes } from './general.js';
import { groupRoutes } from './groups.js';
import { idpSyncRoutes } from './idp-sync.js';
import { memberRoutes } from './members.js';
import { organizationRoutes } from './organizations.js';
import { quietHoursRoutes } from './quiet-hours.js';
import { quotaRoutes } from './quota.js';
import { userRoleRoutes } from './user-roles.js';
import { userRoutes } from './users.js';
import { appearanceRoutes } from './appearance.js';
import { auditRoutes } from './audit.js';
import { keyRoutes } from './keys.js';
import { licenceRoutes } from './licences.js';
import { notificationRoutes } from './notifications.js';
import { oauthAppRoutes } from './oauth-apps.js';
import { oauthGrantRoutes } from './oauth-grants.js';
import { provisionerRoutes } from './provisioners.js';
import { proxyRoutes } from './proxies.js';
import { replicaRoutes } from './replicas.js';
import { xrayRoutes } from './xray.js';
import { buildRoutes } from './builds.js';
import { groupMemberRoutes } from './group-members.js';
import { templateRoutes } from './templates.js';
import { templateAclRoutes } from './template-acl.js';
import { workspaceRoutes } from './workspaces.js';

/** Every operation that is simulated; one file per section of Coder's API. */
export const ROUTES: readonly Route[] = [
  ...generalRoutes,
  ...userRoutes,
  createUserRoute,
  ...userRoleRoutes,
  ...organizationRoutes,
  ...memberRoutes,
  ...groupRoutes,
  ...idpSyncRoutes,
  ...claimFieldRoutes,
  ...editOrganizationRoutes,
  ...customRoleRoutes,
  ...quietHoursRoutes,
  ...quotaRoutes,
  ...appearanceRoutes,
  ...auditRoutes,
  ...keyRoutes,
  ...licenceRoutes,
  ...notificationRoutes,
  ...oauthAppRoutes,
  ...oauthGrantRoutes,
  ...provisionerRoutes,
  ...proxyRoutes,
  ...replicaRoutes,
  ...xrayRoutes,
  ...buildRoutes,
  ...groupMemberRoutes,
  ...templateRoutes,
  ...templateAclRoutes,
  ...workspaceRoutes,
  ...scimRoutes,
];
