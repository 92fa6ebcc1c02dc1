export { adoptionEvidence } from './users/adoption.js';
export type { AdoptionEvidence } from './users/accounts.js';
export { needsOrganizationRoles, wantedAccess } from './users/access.js';
export {
  decideOnClaims,
  membershipsOf,
  NOTHING_CLAIMED,
  rememberedClaims,
  rememberedPlaces,
} from './claims/claimed.js';
export type { ClaimedAccess, ClaimedFact, ClaimedNothing, ClaimsWorld } from './claims/claimed.js';
export { keepsKeys } from './users/offboarding.js';
export { homeOf, planGroup, wantedGroupName } from './groups/group.js';
export { neededTemplates } from './groups/templates.js';
export { planUser } from './users/user.js';
export type { TemplateNeeds } from './groups/templates.js';
export type * from './plan.js';
export type * from './view.js';
