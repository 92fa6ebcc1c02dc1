import type { CoderLicense } from '../../coder/index.js';
import {
  fail,
  ok,
  valueOf,
  warn,
  type Expectations,
  type Finding,
  type Probes,
  type Seats,
} from '../probes.js';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
/** Seats are short when fewer than a tenth of them is left. */
const SHORT = 0.1;
/** Sentences of Coder that are shown. */
const SHOWN = 3;

/** Whether groups can be kept; null where that could not be read. */
export function canKeepGroups({ entitlements }: Probes): boolean | null {
  const read = valueOf(entitlements);
  return read ? (read.features['template_rbac']?.enabled ?? false) : null;
}

/** The licence, and what Coder says of it itself. */
export function licenceFindings({ entitlements }: Probes): Finding[] {
  const read = valueOf(entitlements);
  if (!read) return [warn('licence', 'It could not be read this time.', 'Ask again.')];
  if (!read.has_license) {
    return [
      fail(
        'licence',
        'There is none: groups, roles by login and the audit log need one.',
        'Add a licence in Coder.',
      ),
    ];
  }
  const said = [...(read.errors ?? []), ...(read.warnings ?? [])];
  if (said.length > 0) {
    const result = (read.errors ?? []).length > 0 ? fail : warn;
    return [
      result('licence', said.slice(0, SHOWN).map(printable).join(' '), "See Licenses in Coder's dashboard."),
    ];
  }
  return [ok('licence', read.trial ? 'A trial.' : 'Valid.')];
}

/** When the last of the licences ends. */
export function expiryFindings({ licenses, now }: Probes): Finding[] {
  const rows = valueOf(licenses);
  const check = 'licence-expiry';
  if (!rows) return [ok(check, 'Not shown to this token; Coder warns of it in the row "licence".')];
  const ends = rows.map(endOf).filter((end) => end !== undefined);
  if (ends.length === 0)
    return [ok(check, rows.length === 0 ? 'There is no licence.' : 'No licence names its end.')];
  const last = Math.max(...ends);
  const day = new Date(last).toISOString().slice(0, 10);
  const left = Math.floor((last - now) / DAY_MS);
  if (last <= now)
    return [fail(check, `It ended on ${day}: only a time of grace is left, if any.`, 'Renew it.')];
  if (left < SOON_DAYS) return [warn(check, `It ends on ${day}, in ${left} days.`, 'Renew it.')];
  return [ok(check, `It ends on ${day}.`)];
}

/** Milliseconds. `license_expires` is the end; `exp` is that and the time of grace. */
function endOf({ claims }: CoderLicense): number | undefined {
  const seconds = claims?.['license_expires'] ?? claims?.['exp'];
  const end = typeof seconds === 'number' ? seconds * 1000 : NaN;
  // Beyond what a date can say (year 275760) it does not end.
  return Number.isFinite(new Date(end).getTime()) ? end : undefined;
}

/** What the licence unlocks of what the bridge promises. */
export function featureFindings(probes: Probes): Finding[] {
  const read = valueOf(probes.entitlements);
  if (!read) return [];
  const enabled = (name: string): boolean => read.features[name]?.enabled === true;
  const groups = canKeepGroups(probes)
    ? ok('groups', 'The feature template_rbac is on.')
    : fail(
        'groups',
        'The feature template_rbac is off: this Coder has no groups, so the bridge pushes none. Users are kept.',
        'Add a licence with it. Groups then follow by themselves.',
      );
  const audit = enabled('audit_log')
    ? ok('audit', 'Coder writes its audit log.')
    : warn(
        'audit',
        'The feature audit_log is off: Coder records no change.',
        "The bridge's journal has its own.",
      );
  const scim = enabled('scim')
    ? warn(
        'own-scim',
        "Coder's own SCIM server is on.",
        'Point no identity provider at it beside the bridge; unset CODER_SCIM_AUTH_HEADER.',
      )
    : ok('own-scim', "Coder's own SCIM server is off.");
  return [groups, audit, scim];
}

/** Licence seats: users in status active. Coder does not enforce the limit, it warns. */
export function seatsOf({ entitlements }: Probes): Seats | null {
  const { limit, actual } = valueOf(entitlements)?.features['user_limit'] ?? {};
  return limit === undefined || limit <= 0 ? null : { limit, used: actual ?? 0 };
}

/** Seats used and left, and what becomes of new users without one. */
export function seatFindings(probes: Probes, expected: Expectations): Finding[] {
  const seats = seatsOf(probes);
  if (seats === null) {
    const used = valueOf(probes.entitlements)?.features['user_limit']?.actual;
    return [ok('seats', used === undefined ? 'No limit is known.' : `${used} used, without a limit.`)];
  }
  const { limit, used } = seats;
  const left = Math.max(0, limit - used);
  const finding = `${used} of ${limit} used, ${left} left. ${newUsers(left, expected)}`;
  const advice =
    expected.newUserStatus === 'active'
      ? 'Set NEW_USER_STATUS=dormant, so that an account takes a seat at its first login only, or buy seats.'
      : 'Buy seats: each first login takes one.';
  if (left === 0) return [fail('seats', finding, advice)];
  return [left < limit * SHORT ? warn('seats', finding, advice) : ok('seats', finding)];
}

function newUsers(left: number, { newUserStatus, whenSeatsRunOut }: Expectations): string {
  const refuses = whenSeatsRunOut === 'refuse';
  if (newUserStatus === 'dormant' && !refuses) return 'New users are dormant until they log in.';
  const what = refuses ? 'refused (WHEN_SEATS_RUN_OUT)' : 'made dormant';
  return left === 0 ? `New users are ${what}.` : `With none left, new users are ${what}.`;
}

/** One line without control characters. */
function printable(text: string): string {
  return text
    .slice(0, 300)
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
}
