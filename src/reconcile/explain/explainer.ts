import { GoneError } from '../../coder/index.js';
import type { CoderClient, CoderUser, GroupsView } from '../../coder/index.js';
import type { GroupSource, GroupSources, TargetStore, UserTarget } from '../../directory/index.js';
import { givenAccess, isAllowed } from '../../policy/index.js';
import { listing } from '../adoption/unlisted.js';
import type { Contexts, ConnectionContext } from '../contexts.js';
import { NOTHING_CLAIMED } from '../planner/index.js';
import type { ClaimedAccess } from '../planner/index.js';
import { Facts } from './facts.js';
import type { Explanation, FactSource } from './explanation.js';

/** What was seen of a person in Coder. */
interface Seen {
  readonly account: CoderUser;
  /** By the organization's id. */
  readonly organizationRoles: ReadonlyMap<string, readonly string[]>;
  /** Groups beside Everyone. */
  readonly groups: readonly { readonly id: string; readonly name: string; readonly organizationId: string }[];
}

/** Tells of each membership and role of a person where it comes from, and of what is stated and missing why. */
export class Explainer {
  constructor(
    private readonly store: Pick<TargetStore, 'readUser'>,
    private readonly contexts: Pick<Contexts, 'of'>,
    private readonly sources: GroupSources,
    private readonly coder: Pick<CoderClient, 'getUser' | 'getUserRoles' | 'listOrganizations'>,
    private readonly groupsOf: (organizationId: string) => { get(maxAgeMs: number): Promise<GroupsView> },
  ) {}

  /** @returns null where there is no such user. @throws CoderUnlisted where Coder cannot be asked */
  explain(userId: string): Promise<Explanation | null> {
    return listing(this.tell(userId));
  }

  private async tell(userId: string): Promise<Explanation | null> {
    const target = await this.store.readUser(userId);
    if (!target) return null;
    const [context, groups, organizations] = await Promise.all([
      this.contexts.of(target),
      this.sources.of(userId),
      this.coder.listOrganizations(),
    ]);
    const names = new Map(organizations.map(({ id, name }) => [id, name]));
    const nameOf = (id: string): string => names.get(id) ?? id;
    const seen = await this.look(target);
    const facts = new Facts();
    if (!target.deleted) {
      stateAccess(facts, target, context, groups, nameOf);
      stateGroups(facts, target, context, groups);
    }
    if (seen) seeAll(facts, seen, nameOf);
    const { state, detail } = standingOf(target);
    const missing = missingBecause(target, seen !== null, state, detail);
    return {
      user: userOf(target, seen?.account ?? null),
      state,
      detail,
      facts: facts.all(seen !== null, missing, () => UNSTATED),
      claims: target.subjects.map(({ issuer, issuedAt, unreadable }) => ({ issuer, issuedAt, unreadable })),
      nothing: (context.claimed ?? NOTHING_CLAIMED).nothing.map(({ of, organizationId, value, why }) => ({
        of,
        organization: organizationId === null ? null : nameOf(organizationId),
        value,
        why,
      })),
    };
  }

  private async look({ link }: UserTarget): Promise<Seen | null> {
    if (!link) return null;
    const account = await this.coder.getUser(link.coderName).catch((error: unknown) => {
      if (error instanceof GoneError) return null;
      throw error;
    });
    if (account?.id !== link.coderId) return null;
    const { organization_roles: roles } = await this.coder.getUserRoles(account.id);
    const lists = await Promise.all(
      account.organization_ids.map(async (organizationId) => {
        const view = await this.groupsOf(organizationId).get(0);
        return [...view.all()]
          .filter(({ id, members }) => id !== organizationId && members.some((one) => one.id === account.id))
          .map(({ id, name }) => ({ id, name, organizationId }));
      }),
    );
    return { account, organizationRoles: new Map(Object.entries(roles)), groups: lists.flat() };
  }
}

const UNSTATED = 'nobody states it: it was given in Coder, and is left alone unless the connection is strict';

function stateAccess(
  facts: Facts,
  target: UserTarget,
  context: ConnectionContext,
  groups: readonly GroupSource[],
  nameOf: (id: string) => string,
): void {
  const { policy, rules, organizations, organizationId: home, claimed = NOTHING_CLAIMED } = context;
  const organization = (id: string | null, stated: string, source: FactSource): void => {
    const why =
      id === null ? `Coder has no organization ${JSON.stringify(stated)} that the bridge can see` : null;
    const name = id === null ? stated : nameOf(id);
    facts.state({ kind: 'organization', name, organization: null }, id ?? stated, source, why);
  };
  const role = (id: string | null, name: string, source: FactSource): void => {
    const kind = id === null ? 'siteRole' : 'organizationRole';
    const list = id === null ? 'SITE_ROLES' : 'ORGANIZATION_ROLES';
    const why = isAllowed(kind, name, policy) ? null : `the policy does not let it be granted (${list})`;
    facts.state({ kind, name, organization: id === null ? null : nameOf(id) }, name, source, why);
  };
  organization(home, home ?? context.organization, {
    by: 'connection',
    because: "the connection's organization",
    at: null,
  });
  for (const { kind, wanted, group } of givenAccess({
    stated: target.access,
    groups: target.groups,
    rules,
  })) {
    const source: FactSource = {
      by: group === undefined ? 'scim' : 'rule',
      because: wanted.because,
      at: groups.find((one) => one.by === 'scim' && one.because === group)?.since.toISOString() ?? null,
    };
    const named = wanted.organization;
    if (kind === 'organization') organization(organizations.idOf(wanted.value), wanted.value, source);
    else if (kind === 'siteRole') role(null, wanted.value, source);
    else {
      const id = typeof named === 'string' ? organizations.idOf(named) : home;
      if (typeof named === 'string') organization(id, named, source);
      if (id !== null) role(id, wanted.value, source);
    }
  }
  const claim = (subjectId: string, because: string): FactSource => claimSource(target, subjectId, because);
  for (const one of claimed.organizations)
    organization(one.value, one.value, claim(one.subjectId, one.because));
  for (const one of [...claimed.siteRoles, ...claimed.organizationRoles])
    role(one.organizationId, one.value, claim(one.subjectId, one.because));
}

function claimSource({ subjects }: UserTarget, subjectId: string, because: string): FactSource {
  const subject = subjects.find(({ id }) => id === subjectId);
  const at = subject ? new Date(subject.issuedAt).toISOString() : null;
  return { by: 'claims', because: subject ? `${because} (${subject.issuer})` : because, at };
}

function stateGroups(
  facts: Facts,
  target: UserTarget,
  { claimed = NOTHING_CLAIMED }: ConnectionContext,
  groups: readonly GroupSource[],
): void {
  for (const group of groups) {
    const name = group.coderName ?? group.because;
    const since = group.since.toISOString();
    const sources: readonly FactSource[] =
      group.by === 'scim'
        ? [{ by: 'scim', because: `SCIM group ${JSON.stringify(group.because)}`, at: since }]
        : claimedInto(target, claimed, group);
    for (const source of sources)
      facts.state(
        { kind: 'group', name, organization: null },
        group.coderId ?? name,
        source,
        missingGroup(group),
      );
  }
}

/** By whichever subjects; what is recorded, where the claims say otherwise by now. */
function claimedInto(target: UserTarget, claimed: ClaimedAccess, group: GroupSource): FactSource[] {
  const found = claimed.groups.filter(({ coderId, name }) =>
    coderId === null ? name === group.coderName : coderId === group.coderId,
  );
  if (found.length === 0) return [{ by: 'claims', because: group.because, at: group.since.toISOString() }];
  return found.map(({ subjectId, because }) => claimSource(target, subjectId, because));
}

/** What keeps the group itself from having its members; null: nothing. */
function missingGroup({ paused, failure, held, dirty, coderId }: GroupSource): string | null {
  if (paused) return 'the connection of the group is paused';
  if (failure !== null) return `the group is failed: ${failure}`;
  if (held) return 'the plan of the group is held: it waits for a person';
  if (dirty) return 'the group is on its way';
  return coderId === null ? 'there is no such group in Coder' : null;
}

function seeAll(
  facts: Facts,
  { account, organizationRoles, groups }: Seen,
  nameOf: (id: string) => string,
): void {
  for (const id of account.organization_ids)
    facts.see({ kind: 'organization', name: nameOf(id), organization: null }, id);
  for (const { name, organization_id: organizationId } of account.roles)
    if (!organizationId) facts.see({ kind: 'siteRole', name, organization: null }, name);
  for (const [id, roles] of organizationRoles)
    for (const name of roles) facts.see({ kind: 'organizationRole', name, organization: nameOf(id) }, name);
  for (const { id, name } of groups) facts.see({ kind: 'group', name, organization: null }, id);
}

function standingOf(target: UserTarget): Pick<Explanation, 'state' | 'detail'> {
  const { applied, desired, failedVersion, heldVersion, paused } = target;
  if (failedVersion !== null && failedVersion >= desired) return { state: 'failed', detail: target.failure };
  if (heldVersion !== null && heldVersion >= desired) return { state: 'held', detail: null };
  if (applied >= desired) return { state: 'applied', detail: null };
  return { state: paused ? 'paused' : 'pending', detail: null };
}

function missingBecause(
  target: UserTarget,
  hasAccount: boolean,
  state: Explanation['state'],
  detail: string | null,
): string {
  if (state === 'paused') return 'the connection is paused';
  if (state === 'failed') return `the user is failed: ${detail ?? 'see the failures'}`;
  if (state === 'held') return 'the plan is held: it waits for a person';
  if (state === 'pending') return 'it is on its way';
  if (hasAccount) return 'Coder differs since the last look: the next full sync brings it';
  return target.active
    ? 'the person has no account in Coder'
    : 'the person is inactive, and has no account in Coder';
}

function userOf(target: UserTarget, account: CoderUser | null): Explanation['user'] {
  const { id, connection, userName, active, deleted } = target;
  return {
    id,
    connection,
    userName,
    active,
    deleted,
    account: account && { id: account.id, username: account.username, status: account.status },
  };
}
