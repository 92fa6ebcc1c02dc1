import { loginFindings, organizationFindings, tokenExpiryFindings, tokenFindings } from './checks/account.js';
import {
  canKeepGroups,
  expiryFindings,
  featureFindings,
  licenceFindings,
  seatFindings,
  seatsOf,
} from './checks/licence.js';
import { provisionerFindings, proxyFindings, replicaFindings, versionFindings } from './checks/server.js';
import { syncFindings } from './checks/sync.js';
import {
  fail,
  ok,
  valueOf,
  type Diagnosis,
  type Expectations,
  type Finding,
  type Probes,
  type Result,
} from './probes.js';

const WEIGHT: Readonly<Record<Result, number>> = { ok: 0, warn: 1, fail: 2 };

/** What follows from the probes. Pure: the same probes make the same table. */
export function diagnose(probes: Probes, expected: Expectations): Diagnosis {
  const findings = [...coderFindings(probes), ...(isAway(probes) ? [] : allFindings(probes, expected))];
  const version = valueOf(probes.buildInfo)?.version;
  return {
    result: worst(findings),
    findings,
    at: new Date(probes.now).toISOString(),
    ...(version !== undefined && { version }),
    groups: canKeepGroups(probes),
    seats: seatsOf(probes),
  };
}

function allFindings(probes: Probes, expected: Expectations): Finding[] {
  return [
    ...versionFindings(probes),
    ...tokenFindings(probes),
    ...tokenExpiryFindings(probes),
    ...organizationFindings(probes),
    ...licenceFindings(probes),
    ...expiryFindings(probes),
    ...seatFindings(probes, expected),
    ...featureFindings(probes),
    ...loginFindings(probes, expected),
    ...syncFindings(probes, expected),
    ...replicaFindings(probes),
    ...provisionerFindings(probes),
    ...proxyFindings(probes),
  ];
}

/** Whether it answers at all; where it does not, nothing else is worth a row. */
function coderFindings({ buildInfo }: Probes): Finding[] {
  if ('value' in buildInfo) return [ok('coder', 'It answers.')];
  return [
    fail(
      'coder',
      `It does not answer as Coder would: ${buildInfo.unread.reason}`,
      'See CODER_URL, and whether Coder runs and can be reached from here.',
    ),
  ];
}

const isAway = ({ buildInfo }: Probes): boolean => 'unread' in buildInfo;

function worst(findings: readonly Finding[]): Result {
  return findings.reduce<Result>(
    (sofar, { result }) => (WEIGHT[result] > WEIGHT[sofar] ? result : sofar),
    'ok',
  );
}
