import type { ReceiptStep, ReceiptStepName, StepOutcome } from './model.js';
import type { EntryRow } from './rows.js';

interface Draft {
  readonly step: ReceiptStepName;
  readonly subject: string | null;
  outcome: StepOutcome;
  at: Date | null;
  seenAt?: Date;
  status?: number | null;
  reason?: string;
}

/** What the reconciler recorded of somebody who leaves, and what it recorded as the bridge of looking. */
export interface Recorded {
  readonly steps: readonly Draft[];
  /** It was looked for what is left of the person, which is done once the account is suspended. */
  readonly looked: boolean;
  /** Why the account is kept from being suspended, if that was noted. */
  readonly shield: string | null;
  readonly coderId: string | null;
}

/** Reads the steps out of the entries, oldest first. Each token and workspace is one step, however often it was tried. */
export function stepsOf(entries: readonly EntryRow[]): Recorded {
  const steps = new Map<string, Draft>();
  let looked = false;
  let shield: string | null = null;
  let coderId: string | null = null;
  for (const entry of entries) {
    coderId = text(entry.facts['coderId']) ?? coderId;
    if (entry.action === 'coder.offboarding.looked') {
      looked = true;
      noteLook(steps, entry);
    } else if (entry.action === 'note.protected') shield = text(entry.facts['detail']);
    else noteEffect(steps, entry);
  }
  return { steps: [...steps.values()], looked, shield, coderId };
}

function noteEffect(steps: Map<string, Draft>, { id, action, at, facts, personal }: EntryRow): void {
  const done = (step: ReceiptStepName, subject: string | null, more: Partial<Draft> = {}): void => {
    steps.set(`${step}/${subject ?? ''}`, { step, subject, outcome: 'done', at, ...more });
  };
  const gone = facts['seenGone'] === true ? { reason: 'it was gone: the call before got no answer' } : {};
  switch (action) {
    case 'coder.user.suspended':
      return done('suspend', null);
    case 'coder.user.gone':
      return done('suspend', null, { reason: 'the account was gone from Coder' });
    case 'coder.user.deleted':
      return done('deleteAccount', null);
    case 'coder.user.tokenRevoked':
      return done('revokeToken', text(facts['keyId']), gone);
    case 'coder.workspace.stopped':
      // Ordered; that it stopped is seen by the next look.
      return done('stopWorkspace', text(facts['workspaceId']), { outcome: 'waiting', ...gone });
    case 'coder.organization.left':
      return done('leaveOrganization', text(facts['organizationId']));
    case 'coder.user.roles':
      return noteRoles(steps, `${id}`, at, facts);
    case 'coder.roles.refused':
    case 'coder.offboarding.refused':
      return noteRefusal(steps, `${id}`, at, facts, text(personal?.values['detail']));
    default:
      return undefined;
  }
}

function noteRoles(steps: Map<string, Draft>, key: string, at: Date, facts: EntryRow['facts']): void {
  const lost = texts(facts['lost']);
  if (lost.length === 0) return;
  const organization = text(facts['organizationId']);
  const subject = lost.join(', ') + (organization === null ? '' : ` in ${organization}`);
  steps.set(`takeRoles/${key}`, { step: 'takeRoles', subject, outcome: 'done', at });
}

const REFUSED: Readonly<Record<string, ReceiptStepName>> = {
  revokeToken: 'revokeToken',
  stopWorkspace: 'stopWorkspace',
  'list tokens': 'listTokens',
  'list workspaces': 'listWorkspaces',
};

function noteRefusal(
  steps: Map<string, Draft>,
  key: string,
  at: Date,
  facts: EntryRow['facts'],
  detail: string | null,
): void {
  const step = REFUSED[text(facts['step']) ?? ''] ?? 'takeRoles';
  const subject =
    step === 'takeRoles'
      ? texts(facts['roles']).join(', ')
      : (text(facts['keyId']) ?? text(facts['workspaceId']) ?? null);
  const status = typeof facts['status'] === 'number' ? facts['status'] : null;
  const needs = texts(facts['needs']);
  const reason =
    needs.length > 0
      ? `the bridge's account cannot see them without the site role ${needs.join(' or ')}`
      : facts['buildFailed'] === true
        ? `the build ${text(facts['buildId']) ?? ''} that was to stop it failed`
        : (detail ?? `Coder refuses it`);
  const name = step === 'takeRoles' ? `${step}/${key}` : `${step}/${subject ?? ''}`;
  steps.set(name, { step, subject, outcome: 'refused', at, status, reason });
}

/** What is listed is still to be taken; of what was ordered to stop and is not listed any more it is seen that it did. */
function noteLook(steps: Map<string, Draft>, { at, facts }: EntryRow): void {
  for (const keyId of texts(facts['tokens'])) addWaiting(steps, 'revokeToken', keyId, 'it is to be deleted');
  const running = Array.isArray(facts['workspaces']) ? texts(facts['workspaces']) : null;
  if (running === null) return;
  const underWay = texts(facts['underWay']);
  for (const id of running) addWaiting(steps, 'stopWorkspace', id, 'it is to be stopped');
  for (const id of underWay) addWaiting(steps, 'stopWorkspace', id, 'its build is under way');
  for (const draft of steps.values()) {
    const open = draft.step === 'stopWorkspace' && draft.outcome === 'waiting';
    if (!open || running.includes(draft.subject ?? '') || underWay.includes(draft.subject ?? '')) continue;
    draft.outcome = 'done';
    draft.seenAt = at;
    delete draft.reason;
    if (draft.at === null) draft.reason = 'it was stopping by itself';
  }
}

function addWaiting(steps: Map<string, Draft>, step: ReceiptStepName, subject: string, reason: string): void {
  const key = `${step}/${subject}`;
  const before = steps.get(key);
  if (before === undefined) steps.set(key, { step, subject, outcome: 'waiting', at: null, reason });
  else if (before.outcome === 'waiting') before.reason = reason;
}

/** A step as it is shown. @param since the push that it followed */
export function shownStep({ at, seenAt, ...draft }: Draft, since: (at: Date) => number): ReceiptStep {
  return {
    step: draft.step,
    subject: draft.subject,
    outcome: draft.outcome,
    at: at?.toISOString() ?? null,
    ms: at === null ? null : since(at),
    ...(seenAt && { seenAt: seenAt.toISOString() }),
    ...(draft.status !== undefined && { status: draft.status }),
    ...(draft.reason !== undefined && { reason: draft.reason }),
  };
}

export type { Draft };

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
