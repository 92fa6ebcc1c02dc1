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
];
