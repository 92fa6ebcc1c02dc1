export { needsOrganizationRoles, wantedAccess } from './access.js';
export { homeOf, planGroup, wantedGroupName } from './group.js';
export { planUser } from './user.js';
export type * from './plan.js';
export type * from './view.js';
