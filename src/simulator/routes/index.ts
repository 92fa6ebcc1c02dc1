import { scimRoutes } from '../scim/index.js';
import type { Route } from '../server/route.js';
import { claimFieldRoutes } from './organizations/claim-fields.js';
import { createUserRoute } from './people/create-user.js';
import { customRoleRoutes } from './organizations/custom-roles.js';
import { editOrganizationRoutes } from './organizations/edit-organizations.js';
import { generalRoutes } from './deployment/general.js';
import { groupRoutes } from './groups/groups.js';
import { idpSyncRoutes } from './organizations/idp-sync.js';
import { memberRoutes } from './organizations/members.js';
import { organizationRoutes } from './organizations/organizations.js';
import { quietHoursRoutes } from './people/quiet-hours.js';
import { quotaRoutes } from './organizations/quota.js';
import { userRoleRoutes } from './people/user-roles.js';
import { userRoutes } from './people/users.js';
import { appearanceRoutes } from './deployment/appearance.js';
import { auditRoutes } from './deployment/audit.js';
import { keyRoutes } from './people/keys.js';
import { licenceRoutes } from './deployment/licences.js';
import { notificationRoutes } from './deployment/notifications.js';
import { oauthAppRoutes } from './deployment/oauth-apps.js';
import { oauthGrantRoutes } from './deployment/oauth-grants.js';
import { provisionerRoutes } from './organizations/provisioners.js';
import { proxyRoutes } from './deployment/proxies.js';
import { replicaRoutes } from './deployment/replicas.js';
import { xrayRoutes } from './templates/xray.js';
import { buildRoutes } from './templates/builds.js';
import { groupMemberRoutes } from './groups/group-members.js';
import { templateRoutes } from './templates/templates.js';
import { templateAclRoutes } from './templates/template-acl.js';
import { workspaceRoutes } from './templates/workspaces.js';

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
