import type { Receipt, ReceiptPush, ReceiptReturn, ReceiptStep, Verdict } from './model.js';
import type { PersonRow } from './people.js';
import type { EntryRow, GroupLossRow } from './rows.js';
import { shownStep, stepsOf, type Draft, type Recorded } from './steps.js';

/** What a receipt is made of. */
export interface Evidence {
  readonly person: PersonRow;
  /** The pushes that ended access, oldest first: at least one. */
  readonly pushes: readonly EntryRow[];
  /** What was done from then on, oldest first, until access came back. */
  readonly effects: readonly EntryRow[];
  readonly groups: readonly GroupLossRow[];
  readonly back: {
    readonly push: EntryRow;
    readonly person: PersonRow;
    readonly effects: readonly EntryRow[];
  } | null;
}

/** Pure: the same evidence makes the same receipt. */
export function receiptOf({ person, pushes, effects, groups, back }: Evidence): Receipt {
  const recorded = stepsOf(effects);
  const since = (at: Date): number => {
    const before = pushes.findLast((push) => push.at <= at) ?? pushes[0];
    return before === undefined ? 0 : Math.max(0, at.getTime() - before.at.getTime());
  };
  const standing = back === null ? standingOf(person, pushes) : null;
  const drafts = [
    ...accountSteps(person, recorded, standing),
    ...recorded.steps.filter(({ step }) => step !== 'suspend').map((step) => ended(step, standing)),
    ...groups.map(groupStep),
  ];
  const steps = drafts.map((draft) => shownStep(draft, since));
  const last = lastOf(drafts);
  return {
    user: {
      id: person.id,
      userName: person.userName,
      connection: person.connection,
      deleted: person.deletedAt !== null,
      coderId: person.coderId ?? recorded.coderId,
    },
    verdict: verdictOf(steps, standing),
    pushes: pushes.map(shownPush),
    steps,
    lastEffectAt: last?.toISOString() ?? null,
    ms: last === null ? null : since(last),
    returned: back && returnOf(back),
  };
}

/** How the target stands at the version of the last push. */
interface Standing {
  readonly outcome: 'done' | 'waiting' | 'failed' | 'held';
  readonly reason?: string;
  readonly status?: number;
}

function standingOf(person: PersonRow, pushes: readonly EntryRow[]): Standing {
  const version = pushes.at(-1)?.version ?? person.desired;
  if (person.applied >= version) return { outcome: 'done' };
  if (person.failedVersion !== null && person.failedVersion >= version) {
    const { detail, status } = person.failure ?? {};
    return { outcome: 'failed', ...(detail && { reason: detail }), ...(status !== undefined && { status }) };
  }
  if (person.heldVersion !== null && person.heldVersion >= version) {
    const dryRun = person.held?.dryRun === true;
    const reason = dryRun
      ? 'dry-run: nothing is done'
      : 'over the safety budget: approve it (GET /api/v1/holds)';
    return { outcome: 'held', reason };
  }
  if (person.paused) return { outcome: 'waiting', reason: 'the connection is paused' };
  if (person.tries > 0 && person.notBefore !== null) {
    return { outcome: 'waiting', reason: `tried again at ${person.notBefore.toISOString()}` };
  }
  return { outcome: 'waiting' };
}

/** The suspension, and what became of the whole where that is not told by a step. */
function accountSteps(person: PersonRow, recorded: Recorded, standing: Standing | null): Draft[] {
  const suspended = recorded.steps.find(({ step }) => step === 'suspend');
  const rest: Draft = { step: 'reconcile', subject: null, outcome: 'waiting', at: null };
  if (suspended) {
    const open = standing !== null && (standing.outcome === 'failed' || standing.outcome === 'held');
    return open ? [suspended, { ...rest, ...standing }] : [suspended];
  }
  const step: Draft = { ...rest, step: 'suspend' };
  if (recorded.looked) return [{ ...step, outcome: 'done', reason: 'it was suspended already' }];
  if (standing === null) return [{ ...step, reason: 'it was not suspended before access came back' }];
  if (standing.outcome !== 'done') return [{ ...step, ...standing }];
  if (person.coderId === null && recorded.coderId === null) {
    return [{ ...step, outcome: 'none', reason: 'there is no account in Coder' }];
  }
  if (recorded.shield !== null || person.shielded) {
    return [{ ...step, outcome: 'refused', reason: recorded.shield ?? 'the account is protected' }];
  }
  return [{ ...step, outcome: 'done', reason: 'it was suspended already' }];
}

/** Once the version is applied nothing waits any more: what was listed and not taken went by itself. */
function ended(draft: Draft, standing: Standing | null): Draft {
  if (draft.outcome !== 'waiting' || standing?.outcome !== 'done') return draft;
  return draft.at === null
    ? { ...draft, outcome: 'done', reason: 'it went by itself' }
    : { ...draft, outcome: 'done' };
}

function groupStep(row: GroupLossRow): Draft {
  const step: Draft = { step: 'leaveGroup', subject: row.name, outcome: 'done', at: row.doneAt };
  const version = row.version ?? row.desired;
  if (row.doneAt !== null) return step;
  if (row.applied >= version)
    return { ...step, outcome: 'none', reason: 'the person was not in it in Coder' };
  if (row.failedVersion !== null && row.failedVersion >= version) {
    const { detail, status } = row.failure ?? {};
    return {
      ...step,
      outcome: 'failed',
      ...(detail && { reason: detail }),
      ...(status !== undefined && { status }),
    };
  }
  if (row.heldVersion !== null && row.heldVersion >= version) {
    return { ...step, outcome: 'held', reason: 'approve it, or end the dry-run (GET /api/v1/holds)' };
  }
  return { ...step, outcome: 'waiting' };
}

function verdictOf(steps: readonly ReceiptStep[], standing: Standing | null): Verdict {
  const has = (outcome: ReceiptStep['outcome']): boolean => steps.some((step) => step.outcome === outcome);
  if (standing === null && has('waiting')) return 'superseded';
  if (has('failed')) return 'failed';
  if (has('held')) return 'held';
  if (has('waiting') || standing?.outcome === 'waiting') return 'ongoing';
  return has('refused') ? 'refused' : 'complete';
}

function lastOf(drafts: readonly Draft[]): Date | null {
  const times = drafts.flatMap(({ at, seenAt }) => [at, seenAt ?? null]).filter((at) => at !== null);
  return times.length === 0 ? null : new Date(Math.max(...times.map((at) => at.getTime())));
}

function returnOf({ push, person, effects }: NonNullable<Evidence['back']>): ReceiptReturn {
  const activated = effects.find(({ action }) => action === 'coder.user.activated');
  const made = effects.find(({ action }) => action === 'coder.user.created');
  const standing = standingOf(person, [push]);
  const effect = activated ?? made;
  const at = effect?.at ?? null;
  const reason = made && !activated ? 'a new account was made' : effect ? undefined : standing.reason;
  return {
    push: shownPush(push),
    outcome: effect ? 'done' : standing.outcome,
    at: at?.toISOString() ?? null,
    ms: at === null ? null : Math.max(0, at.getTime() - push.at.getTime()),
    notRestored: countsOf(activated?.facts['notRestored']),
    ...(reason !== undefined && { reason }),
  };
}

function countsOf(value: unknown): ReceiptReturn['notRestored'] {
  const counts = typeof value === 'object' && value !== null ? value : {};
  const count = (name: string): number => {
    const found: unknown = Object.entries(counts).find(([key]) => key === name)?.[1];
    return typeof found === 'number' ? found : 0;
  };
  return { tokens: count('tokens'), workspaces: count('workspaces') };
}

function shownPush({ at, action, source, requestId, version }: EntryRow): ReceiptPush {
  return { at: at.toISOString(), action, source, requestId, version };
}
