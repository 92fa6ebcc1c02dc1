import { fail, ok, valueOf, warn, type Finding, type Probes } from '../probes.js';

/** The oldest version that the bridge has been tried with, and the first whose sync settings can be read. */
const OLDEST = [2, 2] as const;
const READABLE_SYNC = [2, 16] as const;
/** A daemon that was not seen for so long is away, milliseconds. */
const AWAY_MS = 5 * 60_000;

/** Coder's version. */
export function versionFindings({ buildInfo }: Probes): Finding[] {
  const version = valueOf(buildInfo)?.version;
  if (version === undefined) return [];
  const [, major, minor] = /^v?(\d{1,4})\.(\d{1,4})\./.exec(version) ?? [];
  if (major === undefined || minor === undefined) {
    return [
      warn(
        'version',
        `${version} is no version of Coder that the bridge knows.`,
        'Look at what stands before Coder: is CODER_URL right?',
      ),
    ];
  }
  const before = (limit: readonly [number, number]): boolean =>
    Number(major) < limit[0] || (Number(major) === limit[0] && Number(minor) < limit[1]);
  if (before(OLDEST)) {
    return [
      fail(
        'version',
        `${version} is older than v${OLDEST.join('.')}, the oldest that the bridge works with.`,
        'Update Coder.',
      ),
    ];
  }
  if (before(READABLE_SYNC)) {
    return [
      warn(
        'version',
        `${version} does not tell how its own sync at login is set.`,
        "See that CODER_OIDC_GROUP_FIELD and CODER_OIDC_USER_ROLE_FIELD are not set on Coder's server, or update Coder.",
      ),
    ];
  }
  return [ok('version', `${version}.`)];
}

/** Coder's servers, where they can be seen. */
export function replicaFindings({ replicas, entitlements }: Probes): Finding[] {
  const rows = valueOf(replicas);
  if (!rows) return [ok('replicas', 'They are not shown to this token, or need a licence.')];
  const troubled = rows.filter(({ error }) => error !== undefined && error !== '').length;
  const advice = "See the replicas' errors under Deployment > Healthcheck in Coder's dashboard.";
  if (troubled > 0) return [warn('replicas', `${troubled} of ${rows.length} report an error.`, advice)];
  const licensed = valueOf(entitlements)?.features['high_availability']?.enabled ?? true;
  if (rows.length > 1 && !licensed) {
    return [
      warn(
        'replicas',
        `${rows.length} run without the feature high_availability.`,
        'Run one, or add a licence with it.',
      ),
    ];
  }
  return [ok('replicas', `${Math.max(1, rows.length)} running.`)];
}

/** Who builds and stops workspaces. A hint: the bridge itself needs them only to stop those of people who leave. */
export function provisionerFindings({ daemons, now }: Probes): Finding[] {
  const rows = valueOf(daemons);
  if (!rows) return [ok('provisioners', 'They are not shown to this token, or need a licence.')];
  const online = rows.filter(
    ({ status, last_seen_at: seen }) =>
      status !== 'offline' && (seen === undefined || now - Date.parse(seen) < AWAY_MS),
  );
  const advice = 'Start one: without it no workspace starts or stops, those of people who left included.';
  if (online.length > 0) return [ok('provisioners', `${online.length} of ${rows.length} online.`)];
  return [
    warn('provisioners', rows.length === 0 ? 'There is none.' : `None of ${rows.length} is online.`, advice),
  ];
}

/** Workspace proxies. A hint: the bridge does not use them. */
export function proxyFindings({ proxies }: Probes): Finding[] {
  const rows = (valueOf(proxies) ?? []).filter(({ deleted }) => deleted !== true);
  const ill = rows.filter(({ healthy }) => healthy === false).length;
  if (ill === 0) return [ok('proxies', rows.length === 0 ? 'None to be seen.' : `${rows.length} healthy.`)];
  return [
    warn(
      'proxies',
      `${ill} of ${rows.length} not healthy.`,
      "See them under Workspace Proxies in Coder's dashboard.",
    ),
  ];
}
