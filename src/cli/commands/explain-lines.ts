import type { ExplainedFact, Explanation } from '../../reconcile/index.js';
import { columns, printable } from './lines.js';

const KINDS: Readonly<Record<ExplainedFact['kind'], string>> = {
  organization: 'organization',
  group: 'group',
  siteRole: 'site role',
  organizationRole: 'role',
};
const ORDER = Object.keys(KINDS);

const PARTS: Readonly<Record<Explanation['nothing'][number]['of'], string>> = {
  organizations: 'organizations',
  groups: 'groups',
  organizationRoles: 'roles',
  siteRoles: 'site roles',
};

const STATES: Readonly<Record<Explanation['state'], string>> = {
  applied: 'everything was brought to Coder',
  pending: 'on its way to Coder',
  failed: 'FAILED',
  held: 'held: it waits for a person',
  paused: 'the connection is paused',
};

/** An explanation for people: who, how it stands, each fact with its sources, and what of the claims came to nothing. */
export function explanationLines(explanation: Explanation): string[] {
  const { user, state, detail, facts, claims, nothing } = explanation;
  const account = user.account ? `${user.account.username}, ${user.account.status}` : 'none in Coder';
  const lines = [
    `${user.userName}, connection ${user.connection}${user.deleted ? ', deleted' : user.active ? '' : ', inactive'}`,
    `  user     ${user.id}`,
    `  account  ${account}`,
    `  state    ${STATES[state]}${detail === null ? '' : `: ${detail}`}`,
    ...claims.map(({ issuer, issuedAt }) => `  claims   of ${issuer}, ${timeOf(issuedAt)}`),
    ...claims.flatMap(({ unreadable }) =>
      Object.entries(unreadable).map(
        ([name, why]) => `           ${JSON.stringify(name)} could not be read: ${why}`,
      ),
    ),
  ].map(printable);
  const rows = facts.toSorted(byKind).flatMap(factRows);
  const table = columns(
    ['WHAT', 'IN CODER', 'BECAUSE', 'SINCE'],
    rows.map((row) => row.map(printable)),
  );
  const missed = nothing.map(({ of, organization, value, why }) => {
    const where = organization === null ? '' : ` in ${organization}`;
    return printable(`  ${PARTS[of]}${where}${value === null ? '' : `, ${JSON.stringify(value)}`}: ${why}`);
  });
  return [
    ...lines,
    '',
    ...table,
    ...(missed.length > 0 ? ['', 'What claims came to nothing by:', ...missed] : []),
  ];
}

function byKind(one: ExplainedFact, other: ExplainedFact): number {
  const order = ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind);
  if (order !== 0) return order;
  return one.name < other.name ? -1 : Number(one.name > other.name);
}

function factRows({ kind, name, organization, inCoder, sources, why }: ExplainedFact): string[][] {
  const what = `${KINDS[kind]} ${name}${organization === null ? '' : ` in ${organization}`}`;
  const reasons = [
    ...sources.map(({ because, at }) => [because, at === null ? '' : timeOf(at)]),
    ...(why === null ? [] : [[inCoder === true ? why : `NOT THERE: ${why}`, '']]),
  ];
  return reasons.map(([because = '', since = ''], n) =>
    n === 0 ? [what, inCoder === true ? 'yes' : 'no', because, since] : ['', '', because, since],
  );
}

const timeOf = (at: string): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
