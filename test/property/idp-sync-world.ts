import { systemClock } from '../../src/common/index.js';
import type {
  GroupSyncSettings,
  IdpSyncRules,
  RoleSyncSettings,
  SyncMapping,
} from '../../src/policy/index.js';
import { Deployment } from '../../src/simulator/state/deployment.js';
import { merged } from '../../src/simulator/state/switches.js';
import { DEAD, GROUPS, OWN_ROLES, PLACES, type Place, type Scenario } from './idp-sync-scenarios.js';

/** Organizations by name, with groups and roles in them; and the roles of the site. */
export interface Outcome {
  readonly organizations: Readonly<Record<string, { groups: string[]; roles: string[] }>>;
  readonly siteRoles: readonly string[];
}

/** A deployment by the scenario, with the person in it unless they are new. */
export class World {
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
