import { isJsonArray, isJsonObject } from '../../common/index.js';
import type { Json, JsonObject } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { SITE } from '../targets/reading-users.js';
import type { Said } from './comparing.js';
import { claimsDigest } from './digest.js';

/** Where a fact that follows from claims stands. `absent`: its work is done, and it is not in Coder, as it may not be given. */
export type Standing = 'there' | 'coming' | 'held' | 'failed' | 'absent';

/** A membership or role that follows from a person's claims. */
export interface FollowingFact {
  readonly kind: 'organization' | 'group' | 'organizationRole' | 'siteRole';
  /** For people. */
  readonly name: string;
  /** Name of the organization that it is in; null: of the site, or not known. */
  readonly organization: string | null;
  /** Which claim, which value, which rule. */
  readonly because: string;
  readonly standing: Standing;
}

/** A value of a claim that came to nothing, or a part that was left as it was. */
export interface FollowingNothing {
  readonly of: 'organizations' | 'groups' | 'organizationRoles' | 'siteRoles';
  readonly organization: string | null;
  /** Null: the whole part. */
  readonly value: string | null;
  readonly why: string;
}

/** What follows from a person's claims. */
export interface Following {
  /** Whether it was decided on what is claimed now. */
  readonly isDecided: boolean;
  readonly facts: readonly FollowingFact[];
  readonly nothing: readonly FollowingNothing[];
  /** So many more came to nothing, of which no more is remembered. */
  readonly moreNothing: number;
}

interface UserRow {
  readonly standing: Standing;
  readonly organizations: readonly string[];
  /** Organization and role, with a blank between them. */
  readonly roles: readonly string[];
  readonly subjects: readonly (Said & { readonly decided: JsonObject | null })[];
}

interface GroupRow {
  readonly coder_id: string | null;
  readonly name: string | null;
  readonly organization_id: string | null;
  readonly because: string;
  readonly standing: Standing;
  readonly is_member: boolean;
}

/** SQL: where the work of the target stands. */
const standingOf = (t: string): string => `
CASE WHEN ${t}.applied >= ${t}.desired THEN 'absent' WHEN ${t}.failed_version >= ${t}.desired THEN 'failed'
     WHEN ${t}.held_version >= ${t}.desired THEN 'held' ELSE 'coming' END`;

const USER = {
  name: 'claims.following',
  text: `
SELECT ${standingOf('t')} AS standing,
       ARRAY(SELECT f.value::text FROM bridge.owned_facts f WHERE f.target_id = t.id AND f.kind = 'organization') AS organizations,
       ARRAY(SELECT r.organization_id || ' ' || r.role FROM bridge.owned_roles r WHERE r.target_id = t.id) AS roles,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('claims', s.claims, 'unreadable', s.unreadable, 'decided', s.decided)
                                  ORDER BY s.id), '[]')
          FROM bridge.subjects s WHERE s.user_id = t.id) AS subjects
  FROM bridge.targets t WHERE t.id = $1::uuid`,
};

const GROUPS = {
  name: 'claims.following-groups',
  text: `
SELECT g.coder_id, coalesce(g.coder_name, c.name) AS name, c.organization_id, m.because, ${standingOf('g')} AS standing,
       EXISTS (SELECT FROM bridge.owned_facts f
                WHERE f.target_id = g.id AND f.kind = 'member' AND f.value = u.coder_id) AS is_member
  FROM bridge.claimed_members m JOIN bridge.targets g ON g.id = m.target_id JOIN bridge.targets u ON u.id = m.user_id
  LEFT JOIN bridge.claimed_groups c ON c.target_id = g.id
 WHERE m.user_id = $1::uuid ORDER BY 2, g.id`,
};

/** As {@link ClaimsDirectory.following}. */
export async function followingOf(database: Queryable, userId: string): Promise<Following> {
  const [user] = await database.query<UserRow>(USER, [userId]);
  const subjects = user?.subjects ?? [];
  const isDecided = subjects.every((said) => said.decided?.['of'] === claimsDigest(said));
  if (!user || !isDecided) return { isDecided: false, facts: [], nothing: [], moreNothing: 0 };
  const decided = subjects.flatMap(({ decided: one }) => (one === null ? [] : [one]));
  const nameOf = namesIn(decided);
  const places = placesIn(decided.flatMap((one) => objectsIn(one['within'])));
  const groups = groupsOf(await database.query<GroupRow>(GROUPS, [userId]), places, nameOf);
  const facts = [...organizationsIn(decided, user, nameOf), ...groups, ...rolesIn(decided, user, nameOf)];
  return { isDecided, facts, ...nothingIn(decided, nameOf) };
}

type NameOf = (organizationId: string | null) => string | null;

function namesIn(decided: readonly JsonObject[]): NameOf {
  const places = decided.flatMap((one) => objectsIn(one['places']));
  const names = new Map(places.map(({ id, name }) => [text(id), text(name)]));
  return (id) => (id === null ? null : (names.get(id) ?? id));
}

function organizationsIn(decided: readonly JsonObject[], user: UserRow, nameOf: NameOf): FollowingFact[] {
  const facts = decided.flatMap((one) =>
    objectsIn(one['organizations']).map(({ value, because }): FollowingFact => {
      const id = text(value).toLowerCase();
      const standing = user.organizations.includes(id) ? 'there' : user.standing;
      const name = nameOf(id) ?? id;
      return { kind: 'organization', name, organization: null, because: text(because), standing };
    }),
  );
  return once(facts);
}

function rolesIn(decided: readonly JsonObject[], user: UserRow, nameOf: NameOf): FollowingFact[] {
  const fact = (
    kind: FollowingFact['kind'],
    organizationId: string | null,
    { value, because }: JsonObject,
  ): FollowingFact => ({
    kind,
    name: text(value),
    organization: nameOf(organizationId),
    because: text(because),
    standing: user.roles.includes(`${organizationId ?? SITE} ${text(value)}`) ? 'there' : user.standing,
  });
  const within = decided.flatMap((one) => objectsIn(one['within']));
  const inOrganizations = within.flatMap(({ organizationId, roles }) =>
    objectsIn(roles).map((one) => fact('organizationRole', text(organizationId), one)),
  );
  const ofSite = decided
    .flatMap((one) => objectsIn(one['siteRoles']))
    .map((one) => fact('siteRole', null, one));
  return once([...inOrganizations, ...ofSite]);
}

function groupsOf(
  rows: readonly GroupRow[],
  places: ReadonlyMap<string, string>,
  nameOf: NameOf,
): FollowingFact[] {
  return rows.map(
    ({ coder_id: id, name, organization_id: place, because, standing, is_member: isMember }) => ({
      kind: 'group',
      name: name ?? id ?? '',
      organization: nameOf(place ?? places.get(id ?? '') ?? null),
      because,
      standing: isMember ? 'there' : standing,
    }),
  );
}

/** Where groups are, by their ids. */
function placesIn(within: readonly JsonObject[]): Map<string, string> {
  return new Map(
    within.flatMap(({ organizationId, groups }) =>
      objectsIn(groups).flatMap(({ value }): [string, string][] =>
        isJsonObject(value) ? [[text(value['id']), text(organizationId)]] : [],
      ),
    ),
  );
}

const PARTS = ['organizations', 'groups', 'organizationRoles', 'siteRoles'] as const;

function nothingIn(
  decided: readonly JsonObject[],
  nameOf: NameOf,
): Pick<Following, 'nothing' | 'moreNothing'> {
  const nothing = decided
    .flatMap((one) => objectsIn(one['nothing']))
    .flatMap(({ of: stored, organizationId, value, why }): FollowingNothing[] => {
      const of = PARTS.find((part) => part === stored);
      if (of === undefined) return [];
      return [
        {
          of,
          organization: nameOf(typeof organizationId === 'string' ? organizationId : null),
          value: typeof value === 'string' ? value : null,
          why: text(why),
        },
      ];
    });
  const more = decided.map(({ moreNothing }) => (typeof moreNothing === 'number' ? moreNothing : 0));
  return { nothing, moreNothing: more.reduce((sum, one) => sum + one, 0) };
}

/** The first of several that are the same to people. */
function once(facts: readonly FollowingFact[]): FollowingFact[] {
  const first = new Map<string, FollowingFact>();
  for (const fact of facts) {
    const key = JSON.stringify([fact.kind, fact.name, fact.organization]);
    if (!first.has(key)) first.set(key, fact);
  }
  return [...first.values()];
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function objectsIn(value: Json | undefined): JsonObject[] {
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}
