import type { CoderUser } from '../../../coder/index.js';
import type { Failure, RoleChange, RoleFact, UserTarget } from '../../../directory/index.js';
import { desiredAccess, isAllowed, type DesiredAccess, type Wanted } from '../../../policy/index.js';
import type { Shield } from './accounts.js';
import type { Note, UserStep } from '../plan.js';
import { without } from '../results.js';
import type { PlanContext, UserView } from '../view.js';

/** What a user is to have in Coder beside an account and groups, in Coder's ids. */
export interface WantedAccess {
  /** The connection's organization first. */
  readonly organizationIds: readonly string[];
  /** By organization; null: of the site. */
  readonly roles: ReadonlyMap<string | null, ReadonlySet<string>>;
  /** Roles that are stated and may not be granted. */
  readonly refused: DesiredAccess['refused'];
  /** Organizations that are stated and that Coder does not have, by name or id. */
  readonly unknown: readonly string[];
}

/** Everything that the sources state. Nothing for a user who was deleted. */
export function wantedAccess(target: UserTarget, context: PlanContext): WantedAccess {
  if (target.deleted) return { organizationIds: [], roles: new Map(), refused: [], unknown: [] };
  const desired = desiredAccess({
    stated: target.access,
    groups: target.groups,
    rules: context.rules,
    allowed: context.policy,
  });
  const own = context.organizationId;
  const organizationIds = new Set(own === null ? [] : [own]);
  const unknown = new Set(own === null ? [context.organization] : []);
  const resolve = (nameOrId: string): string | null => {
    const id = context.organizations.idOf(nameOrId);
    if (id === null) unknown.add(nameOrId);
    else organizationIds.add(id);
    return id;
  };
  for (const { value } of desired.organizations) resolve(value);
  const roles = new Map<string | null, Set<string>>();
  const grant = (organizationId: string | null, role: string): void => {
    roles.set(organizationId, (roles.get(organizationId) ?? new Set<string>()).add(role));
  };
  for (const { value } of desired.siteRoles) grant(null, value);
  for (const { value, organization } of desired.organizationRoles) {
    const id = typeof organization === 'string' ? resolve(organization) : own;
    if (id !== null) grant(id, value);
  }
  const refused = [...desired.refused, ...addClaimed(context, organizationIds, grant)];
  return { organizationIds: [...organizationIds], roles, refused, unknown: [...unknown] };
}

/**
 * Adds what claims state. Unlike SCIM's a role of theirs makes nobody a member of its organization: at a login Coder looks only at
 * those that the person is in.
 *
 * @returns roles that the policy does not let be granted
 */
function addClaimed(
  { claimed, policy }: PlanContext,
  organizationIds: Set<string>,
  grant: (organizationId: string | null, role: string) => void,
): Wanted[] {
  if (!claimed) return [];
  for (const { value } of claimed.organizations) organizationIds.add(value);
  const refused: Wanted[] = [];
  for (const { value, because, organizationId } of [...claimed.siteRoles, ...claimed.organizationRoles]) {
    if (organizationId !== null && !organizationIds.has(organizationId)) continue;
    const kind = organizationId === null ? 'siteRole' : 'organizationRole';
    if (isAllowed(kind, value, policy)) grant(organizationId, value);
    else refused.push({ value, because, ...(organizationId !== null && { organization: organizationId }) });
  }
  return refused;
}

/** Whether a run has to read the roles that the user has in organizations. */
export function needsOrganizationRoles(target: UserTarget, context: PlanContext): boolean {
  return (
    context.policy.strict ||
    target.ownedRoles.some(({ organizationId }) => organizationId !== null) ||
    [...wantedAccess(target, context).roles.keys()].some((organizationId) => organizationId !== null)
  );
}

/** What is to be done about organizations and roles: losses, then joins; roles that only gain come last of all. */
export interface AccessSteps {
  readonly losses: readonly UserStep[];
  readonly joins: readonly UserStep[];
  readonly grants: readonly SetRoles[];
}

/**
 * Roles are lost before the organization that they are in, and gained after it. Of an account with a shield nothing is taken; of
 * the bridge's own nothing is changed, as Coder refuses it.
 */
export function accessSteps(
  target: UserTarget,
  account: CoderUser,
  view: UserView,
  shield: Shield | null,
  context: PlanContext,
): AccessSteps {
  const wanted = wantedAccess(target, context);
  const sets = shield === 'self' ? [] : roleSteps(target, account, view, wanted, shield, context);
  const taking = sets.filter((step) => step.lost.length > 0);
  return {
    losses: [...taking, ...leaving(target, account, wanted, shield, context)],
    joins: target.deleted ? [] : joining(account, wanted, context),
    grants: sets.filter((step) => step.lost.length === 0),
  };
}

function joining(account: CoderUser, wanted: WantedAccess, context: PlanContext): UserStep[] {
  return without(wanted.organizationIds, new Set(account.organization_ids)).map((organizationId) => ({
    do: 'joinOrganization',
    organizationId,
    reason:
      organizationId === context.organizationId
        ? "the user belongs to the connection's organization"
        : 'the user is stated to be in the organization',
  }));
}

/** A deleted user keeps organizations: the account is suspended, and whoever comes back finds the place. */
function leaving(
  target: UserTarget,
  account: CoderUser,
  wanted: WantedAccess,
  shield: Shield | null,
  context: PlanContext,
): UserStep[] {
  if (target.deleted || shield !== null || wanted.unknown.length > 0) return [];
  const present = new Set(account.organization_ids);
  const claimed = context.policy.strict ? account.organization_ids : target.ownedOrganizations;
  return without(claimed, new Set(wanted.organizationIds))
    .filter((organizationId) => present.has(organizationId))
    .toSorted()
    .map((organizationId) => ({
      do: 'leaveOrganization',
      organizationId,
      reason: 'the user is no longer stated to be in the organization',
    }));
}

type SetRoles = Extract<UserStep, { do: 'setRoles' }>;

function roleSteps(
  target: UserTarget,
  account: CoderUser,
  view: UserView,
  wanted: WantedAccess,
  shield: Shield | null,
  context: PlanContext,
): SetRoles[] {
  const member = new Set(account.organization_ids);
  const scopes = new Set<string | null>([
    ...wanted.roles.keys(),
    ...target.ownedRoles.map((fact) => fact.organizationId),
  ]);
  if (context.policy.strict)
    for (const scope of [null, ...(view.organizationRoles?.keys() ?? [])]) scopes.add(scope);
  return [...scopes].flatMap((organizationId) => {
    const present = presentRoles(account, view, organizationId);
    if (present === null || context.refusedRoles.has(organizationId)) return [];
    if (organizationId !== null && !member.has(organizationId)) return [];
    const step = roleStep(target, present, wanted, organizationId, shield, context);
    return step ? [step] : [];
  });
}

/** Coder replaces the whole list, so that what the bridge does not own is sent along. */
function roleStep(
  target: UserTarget,
  present: readonly string[],
  wanted: WantedAccess,
  organizationId: string | null,
  shield: Shield | null,
  context: PlanContext,
): SetRoles | null {
  const stated = wanted.roles.get(organizationId) ?? new Set<string>();
  const own = new Set(
    target.ownedRoles.filter((fact) => fact.organizationId === organizationId).map(({ role }) => role),
  );
  // Of the shields, that of an owner does not hold against who made the account one, or states it to be one.
  const owners = organizationId === null && (own.has('owner') || stated.has('owner'));
  const untouchable = shield !== null && !(shield === 'owner' && owners);
  // What is stated of an organization that Coder does not show is not known to be of another one than this.
  const unsure = organizationId !== null && wanted.unknown.length > 0;
  const lost = present.filter(
    (role) => !stated.has(role) && (own.has(role) || context.policy.strict) && !untouchable && !unsure,
  );
  const gained = without(stated, new Set(present)).toSorted();
  if (lost.length + gained.length === 0) return null;
  const kept = present.filter((role) => !lost.includes(role));
  const reason = lost.length > 0 ? 'a role is no longer stated' : 'a role is stated';
  return { do: 'setRoles', organizationId, roles: [...kept, ...gained].toSorted(), gained, lost, reason };
}

/** Null: not known. */
export function presentRoles(
  account: CoderUser,
  view: UserView,
  organizationId: string | null,
): readonly string[] | null {
  if (organizationId !== null)
    return view.organizationRoles ? (view.organizationRoles.get(organizationId) ?? []) : null;
  return account.roles.filter((role) => !role.organization_id).map(({ name }) => name);
}

/** Roles that are stated and seen are owned from now on; owned ones that are not seen are so no longer. */
export function roleOwnership(
  target: UserTarget,
  account: CoderUser,
  view: UserView,
  context: PlanContext,
): RoleChange {
  const wanted = wantedAccess(target, context);
  const has = (fact: RoleFact): boolean | null =>
    presentRoles(account, view, fact.organizationId)?.includes(fact.role) ?? null;
  const owned = new Set(target.ownedRoles.map(keyOf));
  const stated = [...wanted.roles].flatMap(([organizationId, roles]) =>
    [...roles].map((role) => ({ organizationId, role })),
  );
  return {
    gained: stated.filter((fact) => !owned.has(keyOf(fact)) && has(fact) === true),
    lost: target.ownedRoles.filter((fact) => has(fact) === false),
  };
}

function keyOf({ organizationId, role }: RoleFact): string {
  return `${organizationId ?? ''}/${role}`;
}

/** What of the stated access cannot be given, for people. */
export function accessNotes(target: UserTarget, context: PlanContext): readonly Note[] {
  const { refused } = wantedAccess(target, context);
  if (refused.length === 0) return [];
  const list = refused.map(({ value, because }) => `${value} (${because})`).join(', ');
  return [{ note: 'roleNotAllowed', detail: `The policy does not let these roles be granted: ${list}.` }];
}

/** Why access that is stated is not there, and will not come by trying again. */
export function accessFailure(target: UserTarget, context: PlanContext): Failure | undefined {
  const [refusal] = context.refusedRoles.values();
  if (refusal !== undefined) return { kind: 'refused', step: 'setRoles', detail: refusal };
  const { unknown } = wantedAccess(target, context);
  if (unknown.length === 0) return undefined;
  const detail = `Coder has no organization ${unknown.map((name) => JSON.stringify(name)).join(', ')}, or the token may not see it.`;
  return { kind: 'invalidValue', step: 'joinOrganization', detail };
}
