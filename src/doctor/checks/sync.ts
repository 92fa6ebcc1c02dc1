import {
  fail,
  ok,
  valueOf,
  warn,
  type Expectations,
  type Finding,
  type Probe,
  type Probes,
} from '../probes.js';

interface Sync {
  readonly check: string;
  /** Without it the sync does nothing, whatever its settings. */
  readonly feature: string;
  readonly what: string;
  readonly found: typeof fail;
  readonly clash: string;
  readonly advice: string;
}

const GROUPS: Sync = {
  check: 'group-sync',
  feature: 'template_rbac',
  what: 'groups',
  found: fail,
  clash: 'at each login it takes people out of the groups that the bridge put them in',
  advice: "Empty its field under IdP Sync in Coder's dashboard, or push no groups to the bridge.",
};
const ROLES: Sync = {
  check: 'role-sync',
  feature: 'user_role_management',
  what: 'roles in the organization',
  found: warn,
  clash: 'at each login it replaces them, and until then refuses to have them edited',
  advice: "Empty its field under IdP Sync in Coder's dashboard where the bridge is to keep roles.",
};
const ORGANIZATIONS: Sync = {
  check: 'organization-sync',
  feature: 'multiple_organizations',
  what: 'organizations',
  found: fail,
  clash: 'Coder refuses to have people of OIDC put into organizations by anybody else',
  advice:
    "Empty its field under IdP Sync in Coder's dashboard, or see that it puts everybody into the organization of the bridge.",
};

/** Where the bridge reads the same claims, and can do the same at once. */
const HAND_OVER =
  'The bridge takes claims: idp-bridge rules hand-over shows what it would carry out in the place of Coder, and moves it.';

/** Coder's own sync at login, where it would undo what the bridge does. */
export function syncFindings(probes: Probes, { takesClaims = false }: Expectations): Finding[] {
  return [
    ...overlap(probes, probes.groupSync, GROUPS, takesClaims),
    ...overlap(probes, probes.roleSync, ROLES, takesClaims),
    ...overlap(probes, probes.organizationSync, ORGANIZATIONS, takesClaims),
    ...siteRoles(probes),
  ];
}

function overlap(
  { entitlements }: Probes,
  probe: Probe<{ readonly field: string }>,
  sync: Sync,
  takesClaims: boolean,
): Finding[] {
  const { check, feature, what, found, clash, advice } = sync;
  if ('unread' in probe) {
    const { why } = probe.unread;
    // What this version lacks is said of the version; the organization and the token have rows of their own.
    if (why === 'missing' || why === 'gone' || why === 'token') return [];
    const hidden =
      why === 'denied' ? 'Its settings are not shown to this token.' : 'Its settings could not be read.';
    return [
      warn(check, hidden, `See that the field of ${what} is empty under IdP Sync in Coder's dashboard.`),
    ];
  }
  const { field } = probe.value;
  if (field === '') return [ok(check, `Coder's login leaves ${what} alone.`)];
  if (valueOf(entitlements)?.features[feature]?.enabled === false) {
    return [
      ok(
        check,
        `It is set to a claim, but the feature ${feature} is off: Coder's login leaves ${what} alone.`,
      ),
    ];
  }
  const hint = takesClaims ? HAND_OVER : advice;
  return [found(check, `Coder's login decides ${what} by a claim: ${clash}.`, hint)];
}

/** Set by the server's flags only, which owners may read. */
function siteRoles({ config }: Probes): Finding[] {
  const oidc = valueOf(config)?.config.oidc;
  if (!oidc) return [];
  if ((oidc.user_role_field ?? '') === '')
    return [ok('site-role-sync', "Coder's login leaves site roles alone.")];
  return [
    warn(
      'site-role-sync',
      "Coder's login decides site roles by a claim, and refuses to have those of people of OIDC edited.",
      "Unset CODER_OIDC_USER_ROLE_FIELD on Coder's server where the bridge is to keep site roles.",
    ),
  ];
}
