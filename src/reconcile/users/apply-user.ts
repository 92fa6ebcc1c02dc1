import { randomBytes } from 'node:crypto';

import { ConflictError, GoneError, TransientError, CoderError } from '../../coder/index.js';
import type { CallOptions, CoderClient, CoderUser, CreateUserRequest } from '../../coder/index.js';
import { fold } from '../../common/index.js';
import type { Effect, Intent, UserTarget } from '../../directory/index.js';
import type { UserStep } from '../planner/index.js';
import type { AccountSnapshot } from '../ports.js';
import type { RunSession } from '../session.js';
import { AccessApplier } from './apply-access.js';
import type { UserObserver } from './observe-user.js';
import type { ObservedUser } from './observed-user.js';

type Step<Name extends UserStep['do']> = Extract<UserStep, { do: Name }>;

/** What Coder refused during a run. */
export interface Refused {
  /** Usernames, folded. */
  readonly taken: Set<string>;
  /** Roles, by organization (null: the site), with the reason. */
  readonly refusedRoles: Map<string | null, string>;
}

/** Carries out one step for a user and answers what is seen after it. */
export class UserApplier {
  private readonly access: AccessApplier;

  constructor(
    private readonly coder: CoderClient,
    private readonly accounts: AccountSnapshot,
    private readonly observer: UserObserver,
  ) {
    this.access = new AccessApplier(coder);
  }

  /**
   * @param refused what Coder refused during this run; a refusal is added
   * @throws CoderError as the call ended; LeaseLost
   */
  async apply(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    step: UserStep,
    { taken, refusedRoles }: Refused,
  ): Promise<ObservedUser> {
    switch (step.do) {
      case 'createUser':
        return this.create(session, target, step, taken);
      case 'adoptUser':
        return this.adopt(session, step);
      case 'forgetLink':
        await session.unlink(effect('coder.user.gone', step, target));
        return { account: null, sameEmail: null, fresh: true };
      case 'joinOrganization':
        return this.join(session, target, view, step);
      case 'leaveOrganization':
        return this.leave(session, target, view, step);
      case 'deleteUser':
        return this.remove(session, target, view, step);
      case 'setRoles':
      case 'setQuietHours':
      case 'revokeToken':
      case 'stopWorkspace':
        return this.access.apply(session, target, view, present(view), step, refusedRoles);
      default:
        return this.change(session, target, view, step);
    }
  }

  /**
   * The intent is committed before the call and removed on every definite answer; a lost answer leaves it for the next run.
   * An earlier one without an answer outlives a conflict: what is in the way may be its own work, done late.
   */
  private async create(
    session: RunSession,
    target: UserTarget,
    step: Step<'createUser'>,
    taken: Set<string>,
  ): Promise<ObservedUser> {
    const { request } = step;
    await session.beforeMutation();
    const earlier = sameCreation(target.intent, request) ? target.intent : null;
    await session.intend(
      earlier ?? { key: request.email, name: request.username, sentAt: this.coder.coderNow() },
    );
    let account: CoderUser;
    try {
      account = await this.coder.createUser(withPassword(request), session.call);
    } catch (error) {
      const conflict = error instanceof ConflictError;
      if (isDefinite(error)) await session.intend(conflict ? earlier : null);
      if (!conflict) throw error;
      return this.afterConflict(step, taken);
    }
    this.accounts.noteCreated(account);
    await session.link(
      { coderId: account.id, coderName: account.username, origin: 'created' },
      {
        ...effect('coder.user.created', step, target),
        facts: { reason: step.reason, coderId: account.id, status: account.status },
        personal: { username: account.username, email: account.email },
      },
    );
    // A new account has no roles anywhere, and no quiet hours of its own.
    return { account, sameEmail: null, fresh: true, organizationRoles: new Map(), quietHours: '' };
  }

  /** Coder answers one 409 for a taken email and for a taken username: the email is looked up to tell which it was. */
  private async afterConflict(step: Step<'createUser'>, taken: Set<string>): Promise<ObservedUser> {
    this.accounts.invalidate();
    const sameEmail = await this.observer.searchEmail(step.request.email);
    if (!sameEmail) taken.add(fold(step.request.username));
    return { account: null, sameEmail, fresh: true };
  }

  private async adopt(session: RunSession, step: Step<'adoptUser'>): Promise<ObservedUser> {
    const { user, origin } = step;
    this.accounts.noteChanged(user);
    await session.link(
      { coderId: user.id, coderName: user.username, origin },
      {
        action: 'coder.user.adopted',
        facts: { reason: step.reason, coderId: user.id, origin },
        personal: { username: user.username, email: user.email },
      },
    );
    return { account: user, sameEmail: null, fresh: true };
  }

  private async change(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    step: Step<'updateProfile' | 'suspendUser' | 'activateUser'>,
  ): Promise<ObservedUser> {
    const before = present(view);
    await session.beforeMutation();
    const account = await this.call(before.id, step, session.call);
    this.accounts.noteChanged(account);
    if (step.do === 'activateUser') await this.recordReturn(session, target, step);
    else await session.record(effect(ACTIONS[step.do], step, target));
    return { ...view, account, sameEmail: null, fresh: true };
  }

  /** What leaving took is told with the return, and counted anew from then on. */
  private async recordReturn(
    session: RunSession,
    target: UserTarget,
    step: Step<'activateUser'>,
  ): Promise<void> {
    const { tokens = 0, workspaces = 0 } = target.offboarded ?? {};
    const facts = tokens + workspaces === 0 ? {} : { notRestored: { tokens, workspaces } };
    const told = effect(ACTIONS.activateUser, step, target, facts);
    if (target.offboarded === null) await session.record(told);
    else await session.offboard(null, told);
  }

  private call(
    id: string,
    step: Step<'updateProfile' | 'suspendUser' | 'activateUser'>,
    options: CallOptions,
  ): Promise<CoderUser> {
    switch (step.do) {
      case 'updateProfile':
        return this.coder.updateUserProfile(id, { username: step.username, name: step.name }, options);
      case 'suspendUser':
        return this.coder.suspendUser(id, options);
      case 'activateUser':
        return this.coder.activateUser(id, options);
    }
  }

  private async remove(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    step: Step<'deleteUser'>,
  ): Promise<ObservedUser> {
    const account = present(view);
    await session.beforeMutation();
    await this.coder.deleteUser(account.id, session.call);
    this.accounts.noteDeleted(account.id);
    await session.unlink(effect('coder.user.deleted', step, target));
    return { account: null, sameEmail: null, fresh: true };
  }

  private async join(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    step: Step<'joinOrganization'>,
  ): Promise<ObservedUser> {
    const account = present(view);
    await session.beforeMutation();
    try {
      await this.coder.addMember(step.organizationId, account.id, session.call);
      await session.record(
        effect('coder.organization.joined', step, target, { organizationId: step.organizationId }),
      );
    } catch (error) {
      // "Already a member" is what was wanted.
      if (!(error instanceof ConflictError)) throw error;
    }
    return this.withOrganizations(view, account, [...account.organization_ids, step.organizationId]);
  }

  private async leave(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    step: Step<'leaveOrganization'>,
  ): Promise<ObservedUser> {
    const account = present(view);
    await session.beforeMutation();
    try {
      await this.coder.removeMember(step.organizationId, account.id, session.call);
      await session.record(
        effect('coder.organization.left', step, target, { organizationId: step.organizationId }),
      );
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
    }
    return this.withOrganizations(
      view,
      account,
      account.organization_ids.filter((id) => id !== step.organizationId),
    );
  }

  private withOrganizations(view: ObservedUser, before: CoderUser, organizationIds: string[]): ObservedUser {
    const account = { ...before, organization_ids: organizationIds };
    this.accounts.noteChanged(account);
    return { ...view, account, sameEmail: null, fresh: true };
  }
}

const ACTIONS = {
  updateProfile: 'coder.user.profile',
  suspendUser: 'coder.user.suspended',
  activateUser: 'coder.user.activated',
} as const;

/** Coder demands a password for this login type. Nobody learns this one: the person sets their own by Coder's reset. */
function withPassword(request: CreateUserRequest): CreateUserRequest {
  if (request.login_type !== 'password') return request;
  return { ...request, password: `${randomBytes(24).toString('base64url')}aA1!` };
}

function sameCreation(intent: Intent | null, { email, username }: CreateUserRequest): boolean {
  return intent !== null && fold(intent.key) === fold(email) && fold(intent.name) === fold(username);
}

/** Whether Coder said yes or no, so that no intent is left open. */
function isDefinite(error: unknown): boolean {
  return error instanceof CoderError && !(error instanceof TransientError && error.outcomeUnknown);
}

function effect(
  action: string,
  step: UserStep,
  target: UserTarget,
  facts: Record<string, unknown> = {},
): Effect {
  return {
    action,
    facts: { reason: step.reason, ...(target.link ? { coderId: target.link.coderId } : {}), ...facts },
  };
}

function present(view: ObservedUser): CoderUser {
  if (!view.account) throw new Error('a step on an account was planned though none was seen');
  return view.account;
}
