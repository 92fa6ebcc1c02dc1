import type { WireApproval, WireGroupMatch, WireUserMatch } from './backend.js';
import { columns, printable } from './lines.js';

const SHIELDS: Readonly<Record<string, string>> = {
  self: "the bridge's own account",
  protected: 'protected',
  owner: 'site role owner',
};

const OUTCOMES: Readonly<Record<WireUserMatch['outcome'], string>> = {
  adopted: 'adopted',
  held: 'waits for approval',
  refused: 'refused',
  notAdopted: 'not adopted',
};

/** Accounts that fit users, as a table. */
export function userMatchLines(matches: readonly WireUserMatch[], compared: number): string[] {
  const head = `Users without an account in the bridge: ${compared}; accounts in Coder that fit: ${matches.length}.`;
  if (matches.length === 0) return [head];
  const rows = matches.map((match) => [
    OUTCOMES[match.outcome],
    match.connection,
    match.userName,
    match.account.username,
    match.account.email,
    match.by === 'email' && match.account.usernameEqual ? 'email, username' : match.by,
    match.account.status,
    match.account.loginType ?? '?',
    remarks(match).join('; '),
  ]);
  return [
    head,
    ...columns(
      ['OUTCOME', 'CONNECTION', 'USER', 'ACCOUNT', 'ITS EMAIL', 'BY', 'STATUS', 'LOGIN', 'REMARKS'],
      rows.map((row) => row.map(printable)),
    ),
  ];
}

function remarks({ account, linkedTo, outcome, detail }: WireUserMatch): string[] {
  return [
    ...(account.refusesSso ? ['single sign-on is refused there'] : []),
    ...(account.shield === null ? [] : [SHIELDS[account.shield] ?? account.shield]),
    ...(linkedTo === null ? [] : [`linked to ${linkedTo.name} of ${linkedTo.connection}`]),
    // Who is the bridge's own or protected is refused for just that.
    ...(outcome === 'refused' && linkedTo === null && (account.shield ?? 'owner') === 'owner'
      ? [detail]
      : []),
  ];
}

/** Groups that fit, as a table. */
export function groupMatchLines(matches: readonly WireGroupMatch[], compared: number): string[] {
  const head = `Groups without one in Coder: ${compared}; groups in Coder that fit: ${matches.length}.`;
  if (matches.length === 0) return [head];
  const rows = matches.map(({ outcome, connection, displayName, group, detail }) => [
    OUTCOMES[outcome],
    connection,
    displayName,
    group.name,
    String(group.members),
    group.source,
    outcome === 'refused' ? detail : '',
  ]);
  return [
    head,
    ...columns(
      ['OUTCOME', 'CONNECTION', 'GROUP', 'IN CODER', 'MEMBERS', 'SOURCE', 'REMARKS'],
      rows.map((row) => row.map(printable)),
    ),
  ];
}

/** What was approved, and what was not. */
export function approvalLines({ approved, unknown, ambiguous }: WireApproval): string[] {
  return [
    ...approved.map(
      ({ userName, connection, username }) => `Approved: ${userName} (${connection}) takes over ${username}.`,
    ),
    ...unknown.map((name) => `Nothing of ${name} waits for approval.`),
    ...ambiguous.map((name) => `${name} is several users: name --connection, or an id.`),
    ...(approved.length + unknown.length + ambiguous.length === 0 ? ['Nothing waits for approval.'] : []),
  ].map(printable);
}
