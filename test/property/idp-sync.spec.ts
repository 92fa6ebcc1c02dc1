import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { systemClock, type JsonObject } from '../../src/common/index.js';
import {
  claimValues,
  compileFilter,
  syncedAccess,
  type GroupSyncSettings,
  type IdpSyncRules,
  type RoleSyncSettings,
  type SyncMapping,
} from '../../src/policy/index.js';
import { claimValues as readAtLogin } from '../../src/simulator/login/claims.js';
import { login } from '../../src/simulator/login/login.js';
import { ORGANIZATION_ROLES } from '../../src/simulator/rules/roles.js';
import { re2 } from '../../src/simulator/rules/re2.js';
import { Deployment } from '../../src/simulator/state/deployment.js';
import { merged } from '../../src/simulator/state/switches.js';
import { fuzzRuns } from '../support/fuzz.js';

/** The rules and the simulated login were written apart from the same description: whatever is claimed, they must agree. */

const PLACES = ['home', 'labs', 'data'] as const;
const GROUPS = ['a', 'b', 'eng-x', 'Eng X'];
const OWN_ROLES = { home: 'crew', labs: 'builders', data: 'miners' } as const;
const VALUES = [
  ...GROUPS,
  ...['A', 'Everyone', 'x', '', ' ', 'a b', 'eng-é', 'constructor', '__proto__'],
  ...['organization-admin', 'organization-member', 'owner', 'auditor', 'crew', 'builders', 'Crew', 'member'],
];
const FIELDS = ['g', 'r', 'o', 's', 'x.y', '__proto__'];
const DEAD = '11111111-1111-4111-8111-111111111111';

type Place = (typeof PLACES)[number];

// Few values are frequent, so that settings and claims meet.
const value = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...GROUPS) }, fc.constantFrom(...VALUES));
const field = (usual: string): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, fc.constantFrom('', ...FIELDS));
const claim = fc.oneof(
  { weight: 6, arbitrary: fc.array(value, { maxLength: 5 }) },
  { weight: 2, arbitrary: value },
  fc.constantFrom(null, 'a,b', ',', 7, true, {}, { a: ['b'] }, ['a', 1], [['a']], [null]),
);
// As JSON brings it: `__proto__` is a name like any other.
const claims = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), claim), { maxLength: 5 })
  .map((entries): JsonObject => Object.fromEntries(entries));

const mapping = (targets: readonly string[]): fc.Arbitrary<SyncMapping> =>
  fc
    .array(fc.tuple(value, fc.array(fc.constantFrom(...targets), { maxLength: 3 })), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries));

const pattern = fc.constantFrom(null, '', 'eng', '^eng-', '(?i)^ENG', '^[ab]$', 'x$', '\\s', '^\\w+$', '.');
const group = fc.record({
  field: field('g'),
  mapping: mapping([...GROUPS, 'Everyone', 'dead']),
  regexFilter: pattern,
  autoCreate: fc.boolean(),
  legacyMapping: fc.dictionary(value, value, { maxKeys: 2, noNullPrototype: true }),
});
const role = fc.record({
  field: field('r'),
  mapping: mapping([...ORGANIZATION_ROLES, 'crew', 'builders', 'owner', 'gone']),
});
const site = fc.record({
  field: field('s'),
  mapping: mapping(['owner', 'auditor', 'member', 'gone']),
  defaults: fc.subarray(['auditor', 'user-admin', 'nonsense']),
});
const organization = fc.record({
  field: field('o'),
  mapping: mapping([...PLACES, 'dead']),
  assignDefault: fc.boolean(),
});

const scenario = fc.record({
  claims,
  organization,
  site,
  allowed: fc.record({
    field: field('g'),
    groups: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.subarray(VALUES)),
  }),
  in: fc.record({
    home: fc.record({ group, role, saved: fc.boolean() }),
    labs: fc.record({ group, role, saved: fc.boolean() }),
    data: fc.record({ group, role, saved: fc.boolean() }),
  }),
  savedOrganizations: fc.boolean(),
  features: fc.record({
    template_rbac: fc.constantFrom(true, true, true, false),
    user_role_management: fc.constantFrom(true, true, true, false),
    multiple_organizations: fc.constantFrom(true, true, true, false),
  }),
  known: fc.constantFrom(true, true, true, false),
  member: fc.subarray([...PLACES]),
  groups: fc.record({ home: fc.subarray(GROUPS), labs: fc.subarray(GROUPS), data: fc.subarray(GROUPS) }),
  roles: fc.record({ home: fc.subarray(['crew']), labs: fc.subarray(['builders']), data: fc.constant([]) }),
  siteRoles: fc.subarray(['auditor', 'owner']),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Organizations by name, with groups and roles in them; and the roles of the site. */
interface Outcome {
  readonly organizations: Readonly<Record<string, { groups: string[]; roles: string[] }>>;
  readonly siteRoles: readonly string[];
}

/** A deployment by the scenario, with the person in it unless they are new. */
class World {
  readonly deployment = new Deployment(systemClock);
  readonly ids: Readonly<Record<Place, string>>;

  constructor(private readonly given: Scenario) {
    const { deployment } = this;
    const ids = PLACES.map((name) => [name, deployment.createOrganization(name, '', name === 'home').id]);
    this.ids = Object.fromEntries(ids) as Record<Place, string>;
    for (const place of PLACES) {
      for (const name of GROUPS) deployment.createGroup(this.ids[place], { name }, null);
      const row = { name: OWN_ROLES[place], organization_id: this.ids[place], display_name: '' };
      deployment.state.put('customRole', row.name, { ...row, organization_permissions: [] });
    }
    if (given.known) this.addPerson();
    this.configure();
  }

  private addPerson(): void {
    const { deployment, given } = this;
    const user = deployment.createUser(
      {
        username: 'ann',
        email: 'ann@x.io',
        login_type: 'oidc',
        status: 'active',
        roles: given.siteRoles,
        organization_ids: given.member.map((place) => this.ids[place]),
      },
      null,
    );
    for (const place of given.member) {
      const member = deployment.state.members.get(this.ids[place])?.get(user.id);
      if (member) deployment.setMemberRoles(member, given.roles[place], null);
      for (const name of given.groups[place]) {
        deployment.state.apply(['groupMember', this.groupId(place, name), user.id]);
      }
    }
  }

  private configure(): void {
    const { state } = this.deployment;
    const { organization: own, site: ofSite, allowed, in: within, features, savedOrganizations } = this.given;
    const { group: flags, saved } = within.home;
    const organizationMapping = this.organizationMapping(own.mapping);
    state.apply([
      'switches',
      merged(state.switches, {
        features,
        oidc: {
          // One flag serves both: the list of who may log in, and the groups until their settings are saved.
          groupField: saved ? allowed.field : flags.field,
          allowedGroups: allowed.groups,
          groupRegexFilter: flags.regexFilter ?? '',
          groupAutoCreate: flags.autoCreate,
          groupMapping: flags.legacyMapping,
          userRoleField: ofSite.field,
          userRoleMapping: ofSite.mapping,
          userRoleDefault: ofSite.defaults,
          organizationField: own.field,
          organizationMapping,
          organizationAssignDefault: own.assignDefault,
        },
      }),
    ]);
    if (savedOrganizations) {
      const { field: of, assignDefault } = own;
      const settings = {
        field: of,
        mapping: organizationMapping,
        organization_assign_default: assignDefault,
      };
      state.apply(['organizationSync', settings]);
    }
    for (const place of PLACES) {
      const { group: groups, role: roles, saved: isSaved } = within[place];
      state.apply(['roleSync', this.ids[place], roles]);
      if (!isSaved) continue;
      state.apply([
        'groupSync',
        this.ids[place],
        {
          field: groups.field,
          mapping: this.groupMapping(place, groups.mapping),
          regex_filter: groups.regexFilter,
          auto_create_missing_groups: groups.autoCreate,
          legacy_group_name_mapping: groups.legacyMapping,
        },
      ]);
    }
  }

  /** What the bridge would read of all that. */
  rules(): IdpSyncRules {
    const { organization: own, site: ofSite, allowed, in: within, features } = this.given;
    const unread = { unread: 'not licensed' };
    const { saved, group: flags } = within.home;
    return {
      allowList: { field: saved ? allowed.field : flags.field, groups: allowed.groups },
      organization: features.multiple_organizations
        ? { ...own, mapping: this.organizationMapping(own.mapping) }
        : unread,
      site: features.user_role_management ? ofSite : unread,
      organizations: new Map(
        PLACES.map((place) => [
          this.ids[place],
          {
            group: features.template_rbac ? this.groupSettings(place) : unread,
            role: features.user_role_management ? this.roleSettings(place) : unread,
          },
        ]),
      ),
    };
  }

  private groupSettings(place: Place): GroupSyncSettings {
    const { group: settings, saved } = this.given.in[place];
    if (saved) return { ...settings, mapping: this.groupMapping(place, settings.mapping) };
    const unset = { field: '', mapping: {}, regexFilter: null, autoCreate: false, legacyMapping: {} };
    if (place !== 'home') return unset;
    // An empty flag is no filter.
    return { ...settings, mapping: {}, regexFilter: settings.regexFilter || null };
  }

  private roleSettings(place: Place): RoleSyncSettings {
    return this.given.in[place].role;
  }

  private organizationMapping(named: SyncMapping): Record<string, string[]> {
    return renamed(named, (name) => this.ids[name as Place] ?? DEAD);
  }

  private groupMapping(place: Place, named: SyncMapping): Record<string, string[]> {
    return renamed(named, (name) => (name === 'dead' ? DEAD : this.groupId(place, name)));
  }

  private groupId(place: Place, name: string): string {
    return this.deployment.state.groupByName(this.ids[place], name)?.id ?? DEAD;
  }

  /** How the person stands now; null: there is nobody. */
  outcome(): Outcome | null {
    const { state } = this.deployment;
    const user = state.userByEmail('ann@x.io');
    if (!user) return null;
    const names = [...state.groupIdsOf(user.id)].map((id) => state.groups.get(id));
    return {
      organizations: Object.fromEntries(
        [...(state.organizationsOf.get(user.id) ?? [])].toSorted().map((id) => [
          id,
          {
            groups: names.flatMap((one) => (one?.organization_id === id ? [one.name] : [])).toSorted(),
            roles: (state.members.get(id)?.get(user.id)?.roles ?? []).toSorted(),
          },
        ]),
      ),
      siteRoles: user.roles.toSorted(),
    };
  }
}

function renamed(named: SyncMapping, to: (name: string) => string): Record<string, string[]> {
  return Object.fromEntries(Object.entries(named).map(([key, names]) => [key, names.map(to)]));
}

/** How the person stands after the rules were applied to how they stood before. */
function bySync(world: World, before: Outcome, given: JsonObject): Outcome {
  const { state } = world.deployment;
  const groupsOf = (id: string) => state.groupsIn(id).map(({ id: own, name }) => ({ id: own, name }));
  const synced = syncedAccess(
    world.rules(),
    { claims: given, unreadable: {} },
    {
      defaultOrganizationId: world.ids.home,
      exists: (id) => state.organizations.has(id),
      present: Object.keys(before.organizations),
      others: [],
      groups: groupsOf,
      roles: (id) => [
        ...ORGANIZATION_ROLES,
        ...PLACES.flatMap((place) => (world.ids[place] === id ? [OWN_ROLES[place]] : [])),
      ],
    },
  );
  const nameOf = (id: string): string => state.groups.get(id)?.name ?? '?';
  const organizations = [...synced.inOrganizations].map(([id, { groups, roles }]) => {
    const { groups: had = [], roles: held = [] } = before.organizations[id] ?? {};
    const names =
      groups.kind === 'untouched'
        ? had
        : groups.wanted.map(({ value: one }) => ('id' in one ? nameOf(one.id) : one.create));
    const then = roles.kind === 'untouched' ? held : roles.wanted.map(({ value: one }) => one);
    return [id, { groups: names.toSorted(), roles: then.toSorted() }] as const;
  });
  const { siteRoles } = synced;
  return {
    organizations: Object.fromEntries(organizations.toSorted(([left], [right]) => (left < right ? -1 : 1))),
    siteRoles:
      siteRoles.kind === 'untouched' ? before.siteRoles : siteRoles.wanted.map(({ value: one }) => one),
  };
}

describe("the rules of IdP sync and Coder's login", () => {
  it('leave everybody in the same state, whatever the settings and the claims', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const world = new World(given);
        // Whoever is new is in the default organization when the sync begins.
        const nobody = { organizations: { [world.ids.home]: { groups: [], roles: [] } }, siteRoles: [] };
        const expected = bySync(world, world.outcome() ?? nobody, given.claims);
        const claimed = { ...given.claims, sub: 'ann', email: 'ann@x.io' };
        const { status } = login(world.deployment, claimed, Math.random);
        // A login that is refused makes nobody; the rules have nothing to say of that.
        fc.pre(given.known || status === 200);
        expect(world.outcome()).toEqual(expected);
      }),
      { numRuns: fuzzRuns(600) },
    );
  });

  it('read the same values in any claim', () => {
    fc.assert(
      fc.property(fc.oneof(claim, fc.jsonValue({ maxDepth: 2 })), (given) => {
        const read = claimValues({ claims: { c: given as JsonObject }, unreadable: {} }, 'c');
        const { kind } = readAtLogin({ c: given as JsonObject }, 'c');
        expect(read.kind).toBe(kind);
        if (read.kind === 'values') {
          expect(readAtLogin({ c: given as JsonObject }, 'c')).toEqual({ kind, values: read.values });
        }
      }),
      { numRuns: fuzzRuns(1_000) },
    );
  });
});

const piece = fc.constantFrom(
  ...['a', 'b', 'K', 'é', '.', '\\s', '\\S', '\\w', '\\W', '\\d', '\\b', '^', '$', '\\A', '\\z', '\\.'],
  ...[
    '[ab]',
    '[^a]',
    '[a-c]',
    '[[:alpha:]]',
    '[[:space:]]',
    '[\\s-]',
    '[]a]',
    '\\pL',
    '\\p{Greek}',
    '(?:a|b)',
  ],
  ...['(a)', '(?P<n>a)', '(', ')', '(?=a)', '(?!a)', '\\1', '|', '{', '}', ']', '\\', '-', '(?>a)'],
);
const times = fc.constantFrom(
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '{2}',
  '{1,}',
  '{0,2}',
  '{1001}',
  '*?',
  '**',
  '{2}{2}',
);
const expression = fc
  .tuple(fc.constantFrom('', '', '(?i)', '(?s)', '(?m)'), fc.array(fc.tuple(piece, times), { maxLength: 5 }))
  .map(([flags, pieces]) => flags + pieces.map((pair) => pair.join('')).join(''))
  // Flags elsewhere than at the beginning, which the simulator does not know.
  .filter((text) => !text.includes('(?)'));
const subject = fc
  .array(
    fc.constantFrom('a', 'b', 'c', 'k', 'é', 'α', ' ', '\u00a0', '\n', '\r', '\v', '-', '1', '_', '😀'),
    {
      maxLength: 5,
    },
  )
  .map((letters) => letters.join(''));

describe("the filter of group sync and Coder's", () => {
  it('take the same expressions, and find the same', () => {
    fc.assert(
      fc.property(expression, fc.array(subject, { minLength: 1, maxLength: 4 }), (written, texts) => {
        const ours = compileFilter(written);
        const theirs = tried(written);
        expect('refused' in ours, JSON.stringify(written)).toBe(theirs === null);
        for (const text of texts)
          if (!('refused' in ours))
            expect(ours.matches(text), JSON.stringify([written, text])).toBe(theirs?.(text));
      }),
      { numRuns: fuzzRuns(1_000) },
    );
  });
});

function tried(written: string): ((text: string) => boolean) | null {
  try {
    return re2(written);
  } catch {
    return null;
  }
}
