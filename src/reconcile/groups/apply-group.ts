import { CoderError, ConflictError, GoneError, RejectedError, TransientError } from '../../coder/index.js';
import type { CoderClient, CoderGroup, PatchGroupRequest } from '../../coder/index.js';
import type { Effect, GroupTarget } from '../../directory/index.js';
import type { GroupStep, GroupView } from '../planner/index.js';
import type { RunSession } from '../session.js';
import type { GroupObserver } from './observe-group.js';
import { NO_TEMPLATES } from './apply-template.js';
import type { TemplateApplier } from './apply-template.js';

type Step<Name extends GroupStep['do']> = Extract<GroupStep, { do: Name }>;

/** What the run has learned about members that Coder refuses. */
export interface RefusedMembers {
  /** Coder ids, with Coder's reason. */
  readonly reasons: Map<string, string>;
  /** Whether a refused PATCH was already answered by reading the group again. */
  reread: boolean;
}

/** Carries out one step for a group and answers what is seen after it. */
export class GroupApplier {
  constructor(
    private readonly coder: CoderClient,
    private readonly observer: GroupObserver,
    private readonly templates: TemplateApplier,
  ) {}

  /** @throws CoderError as the call ended; LeaseLost */
  async apply(
    session: RunSession,
    target: GroupTarget,
    view: GroupView,
    step: GroupStep,
    organizationId: string,
    refused: RefusedMembers,
  ): Promise<GroupView> {
    switch (step.do) {
      case 'createGroup':
        return this.create(session, target, view, step, organizationId);
      case 'adoptGroup':
        return this.adopt(session, view, step);
      case 'forgetLink':
        await session.unlink(effect('coder.group.forgotten', step, target));
        return { group: null, sameName: null };
      case 'deleteGroup':
        return this.remove(session, target, view, step);
      case 'patchGroup':
        return this.patch(session, target, view, step, refused);
      case 'setTemplateRole':
        return this.templates.apply(session, target, view, step);
    }
  }

  /** As for a user: intent first, removed on every definite answer; an earlier one without an answer outlives a conflict. */
  private async create(
    session: RunSession,
    target: GroupTarget,
    view: GroupView,
    step: Step<'createGroup'>,
    organizationId: string,
  ): Promise<GroupView> {
    const { request } = step;
    await session.beforeMutation();
    const earlier = target.intent?.name === request.name ? target.intent : null;
    const { name, quota_allowance: quotaAllowance } = request;
    const sent = {
      key: name,
      name,
      sentAt: this.coder.coderNow(),
      ...(quotaAllowance !== undefined && { quotaAllowance }),
    };
    await session.intend(earlier ?? sent);
    let group: CoderGroup;
    try {
      group = await this.coder.createGroup(organizationId, request, session.call);
    } catch (error) {
      const unknown = error instanceof TransientError && error.outcomeUnknown;
      const conflict = error instanceof ConflictError;
      if (error instanceof CoderError && !unknown) await session.intend(conflict ? earlier : null);
      if (!conflict) throw error;
      return { group: null, sameName: await this.observer.byName(organizationId, request.name) };
    }
    await session.link(
      { coderId: group.id, coderName: group.name, origin: 'created' },
      { action: 'coder.group.created', facts: { reason: step.reason, coderId: group.id, name: group.name } },
    );
    return { group, sameName: null, templates: view.templates ?? NO_TEMPLATES };
  }

  private async adopt(session: RunSession, view: GroupView, step: Step<'adoptGroup'>): Promise<GroupView> {
    const { group, origin } = step;
    await session.link(
      { coderId: group.id, coderName: group.name, origin },
      {
        action: 'coder.group.adopted',
        facts: { reason: step.reason, coderId: group.id, name: group.name, origin },
      },
    );
    return { ...view, group, sameName: null };
  }

  private async remove(
    session: RunSession,
    target: GroupTarget,
    view: GroupView,
    step: Step<'deleteGroup'>,
  ): Promise<GroupView> {
    await session.beforeMutation();
    try {
      await this.coder.deleteGroup(present(view).id, session.call);
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
    }
    await session.unlink(effect('coder.group.deleted', step, target));
    return { group: null, sameName: null };
  }

  /**
   * Sends one PATCH. A refusal is first answered by reading the group again (the view was stale); if it comes again, the
   * members are halved until one refused id stands alone, so that it fails alone, by name.
   */
  private async patch(
    session: RunSession,
    target: GroupTarget,
    view: GroupView,
    step: Step<'patchGroup'>,
    refused: RefusedMembers,
  ): Promise<GroupView> {
    const group = present(view);
    try {
      return { ...view, group: await this.send(session, target, group, step.request, step.reason) };
    } catch (error) {
      if (!(error instanceof RejectedError || error instanceof ConflictError)) throw error;
      if (error.status === 409 && step.request.name !== undefined) {
        return { ...view, sameName: await this.observer.byName(group.organization_id, step.request.name) };
      }
      const ids = idsOf(step.request);
      if (error.status !== 400 || ids.length === 0) throw error;
      if (refused.reread) await this.halve(session, target, group, step, refused, error);
      refused.reread = true;
    }
    return { ...view, group: await this.observer.byId(group.id) };
  }

  private async halve(
    session: RunSession,
    target: GroupTarget,
    group: CoderGroup,
    step: Step<'patchGroup'>,
    refused: RefusedMembers,
    error: CoderError,
  ): Promise<void> {
    const ids = idsOf(step.request);
    if (ids.length === 1) {
      for (const id of ids) refused.reasons.set(id, error.message);
      return;
    }
    const middle = Math.ceil(ids.length / 2);
    for (const half of [ids.slice(0, middle), ids.slice(middle)]) {
      const part = { ...step, request: only(step.request, new Set(half)) };
      try {
        await this.send(session, target, group, part.request, step.reason);
      } catch (again) {
        if (!(again instanceof RejectedError || again instanceof ConflictError) || again.status !== 400)
          throw again;
        await this.halve(session, target, group, part, refused, again);
      }
    }
  }

  private async send(
    session: RunSession,
    target: GroupTarget,
    group: CoderGroup,
    request: PatchGroupRequest,
    reason: string,
  ): Promise<CoderGroup> {
    await session.beforeMutation();
    // Owned before it is true: a member who is withdrawn before this run ends must not be left behind. Should the call
    // fail, the row is dropped again when the member is not seen in the group.
    await session.own({ kind: 'member', gained: request.add_users ?? [], lost: [] });
    const after = await this.coder.patchGroup(group.id, request, session.call);
    const effect: Effect = {
      action: 'coder.group.patched',
      facts: {
        reason,
        coderId: group.id,
        added: request.add_users ?? [],
        removed: request.remove_users ?? [],
        ...(request.name === undefined ? {} : { name: request.name }),
        ...(request.quota_allowance === undefined ? {} : { quotaAllowance: request.quota_allowance }),
        version: target.desired,
      },
    };
    // The name that the group got is the link's from now on.
    const link = target.link;
    if (request.name !== undefined && link) await session.link({ ...link, coderName: after.name }, effect);
    else await session.record(effect);
    return after;
  }
}

const idsOf = (request: PatchGroupRequest): string[] => [
  ...new Set([...(request.remove_users ?? []), ...(request.add_users ?? [])]),
];

function only(request: PatchGroupRequest, ids: ReadonlySet<string>): PatchGroupRequest {
  return {
    ...request,
    add_users: (request.add_users ?? []).filter((id) => ids.has(id)),
    remove_users: (request.remove_users ?? []).filter((id) => ids.has(id)),
  };
}

function effect(action: string, step: GroupStep, target: GroupTarget): Effect {
  return { action, facts: { reason: step.reason, coderId: target.link?.coderId ?? null } };
}

function present(view: GroupView): CoderGroup {
  if (!view.group) throw new Error('a step on a group was planned though none was seen');
  return view.group;
}
