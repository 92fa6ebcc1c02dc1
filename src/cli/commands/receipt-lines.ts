import type { Receipt, ReceiptPush, ReceiptStep } from '../../journal/index.js';
import { columns, printable } from './lines.js';

const VERDICTS: Readonly<Record<Receipt['verdict'], string>> = {
  complete: 'complete',
  ongoing: 'still going on',
  held: 'held: it waits for a person',
  failed: 'FAILED',
  refused: 'NOT COMPLETE: Coder refused a part of it',
  superseded: 'superseded: access came back before it had ended',
};

const STEPS: Readonly<Record<ReceiptStep['step'], string>> = {
  suspend: 'suspend the account',
  revokeToken: 'delete API token',
  stopWorkspace: 'stop workspace',
  listTokens: 'find API tokens',
  listWorkspaces: 'find workspaces',
  takeRoles: 'take roles',
  leaveOrganization: 'leave organization',
  leaveGroup: 'leave group',
  deleteAccount: 'delete the account',
  reconcile: 'the rest',
};

const OUTCOMES: Readonly<Record<ReceiptStep['outcome'], string>> = {
  done: 'done',
  none: 'nothing to do',
  refused: 'REFUSED',
  waiting: 'waiting',
  failed: 'FAILED',
  held: 'held',
};

/** A receipt for people: who, the verdict, and everything in order of time. */
export function receiptLines(receipt: Receipt): string[] {
  const { user, verdict, returned } = receipt;
  const took = receipt.ms === null || verdict !== 'complete' ? '' : `, ${shownMs(receipt.ms)} after the push`;
  const lines = [
    `${printable(user.userName)}, connection ${printable(user.connection)}${user.deleted ? ', deleted' : ''}`,
    `  user     ${user.id}`,
    `  account  ${user.coderId ?? 'none in Coder'}`,
    `  verdict  ${VERDICTS[verdict]}${took}`,
    '',
    ...columns(
      ['TIME', 'AFTER', 'STEP', 'OUTCOME'],
      [
        ...[...receipt.pushes.map((push) => pushRow(push)), ...receipt.steps.map(stepRow)].toSorted(byTime),
      ].map(({ cells }) => cells),
    ),
  ];
  return returned ? [...lines, '', ...returnLines(returned)] : lines;
}

interface Row {
  readonly at: string | null;
  readonly cells: readonly string[];
}

/** What has no time comes last. */
function byTime(one: Row, other: Row): number {
  if (one.at === other.at) return 0;
  return (one.at ?? '~') < (other.at ?? '~') ? -1 : 1;
}

function pushRow({ at, action, source, requestId }: ReceiptPush): Row {
  const request = requestId === null ? '' : `, request ${printable(requestId)}`;
  return { at, cells: [at, '', `push: ${action}`, `by ${source}${request}`] };
}

function stepRow({ step, subject, outcome, at, ms, seenAt, status, reason }: ReceiptStep): Row {
  const said = [
    OUTCOMES[outcome] + (typeof status === 'number' ? ` (${status})` : ''),
    ...(seenAt === undefined ? [] : [`down by ${seenAt.slice(11)}`]),
    ...(reason === undefined ? [] : [reason]),
  ];
  const what = subject === null ? STEPS[step] : `${STEPS[step]} ${subject}`;
  return {
    at,
    cells: [at ?? '-', ms === null ? '' : shownMs(ms), printable(what), printable(said.join(', '))],
  };
}

function returnLines({
  push,
  outcome,
  at,
  ms,
  notRestored,
  reason,
}: NonNullable<Receipt['returned']>): string[] {
  const took = ms === null ? '' : `, ${shownMs(ms)} after the push`;
  const { tokens, workspaces } = notRestored;
  const missing = [
    ...(tokens > 0 ? [`${tokens} API token${tokens === 1 ? '' : 's'}`] : []),
    ...(workspaces > 0 ? [`${workspaces} stopped workspace${workspaces === 1 ? '' : 's'}`] : []),
  ];
  return [
    `Access came back: ${push.action} by ${push.source} at ${push.at}`,
    `  account  ${OUTCOMES[outcome]}${at === null ? '' : ` at ${at}`}${took}${reason === undefined ? '' : `, ${printable(reason)}`}`,
    ...(missing.length > 0 ? [`  not restored: ${missing.join(', ')}`] : []),
  ];
}

function shownMs(ms: number): string {
  if (ms < 10_000) return `${ms} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
