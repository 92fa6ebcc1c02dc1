export { adoptionEvidence } from './adoption.js';
export type { AdoptionEvidence } from './accounts.js';
export { needsOrganizationRoles, wantedAccess } from './access.js';
export {
  decideOnClaims,
  membershipsOf,
  NOTHING_CLAIMED,
  rememberedClaims,
  rememberedPlaces,
} from './claimed.js';
export type { ClaimedAccess, ClaimedFact, ClaimedNothing, ClaimsWorld } from './claimed.js';
export { keepsKeys } from './offboarding.js';
export { homeOf, planGroup, wantedGroupName } from './group.js';
export { neededTemplates } from './group-templates.js';
export { planUser } from './user.js';
export type { TemplateNeeds } from './group-templates.js';
export type * from './plan.js';
export type * from './view.js';
