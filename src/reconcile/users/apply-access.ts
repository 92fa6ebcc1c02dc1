import { ConflictError, GoneError, RejectedError } from '../../coder/index.js';
import type { CoderClient, CoderUser } from '../../coder/index.js';
import type { Effect, Remains, UserTarget } from '../../directory/index.js';
import type { UserStep } from '../planner/index.js';
import type { RunSession } from '../session.js';
import type { Leaving, ObservedUser } from './observed-user.js';
import { recordRefusal } from './remains.js';

type Step<Name extends UserStep['do']> = Extract<UserStep, { do: Name }>;
export type AccessStep = Step<'setRoles' | 'setQuietHours' | 'revokeToken' | 'stopWorkspace'>;

/** Carries out steps on what hangs on an account: roles, quiet hours, and what is left of somebody who leaves. */
export class AccessApplier {
  constructor(private readonly coder: CoderClient) {}

  /**
   * @param refused roles that Coder refused in this run, by organization; a refusal is added
   * @throws CoderError as the call ended, LeaseLost
   */
  async apply(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    account: CoderUser,
    step: AccessStep,
    refused: Map<string | null, string>,
  ): Promise<ObservedUser> {
    switch (step.do) {
      case 'setRoles':
        return this.setRoles(session, target, view, account, step, refused);
      case 'setQuietHours':
        await session.beforeMutation();
        await this.coder.updateQuietHours(account.id, { schedule: step.schedule }, session.call);
        await session.record(effect('coder.user.quietHours', step, account, { schedule: step.schedule }));
        return { ...view, quietHours: step.schedule, fresh: true };
      case 'revokeToken':
        return this.revoke(session, view, account, step);
      case 'stopWorkspace':
        return this.stop(session, view, account, step);
    }
  }

  /** What the token may not grant is told, and not tried again before something changes. */
  private async setRoles(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    account: CoderUser,
    step: Step<'setRoles'>,
    refused: Map<string | null, string>,
  ): Promise<ObservedUser> {
    const { organizationId, gained, lost } = step;
    const roles = [...step.roles];
    await session.beforeMutation();
    try {
      if (organizationId === null) await this.coder.updateUserRoles(account.id, { roles }, session.call);
      else await this.coder.updateMemberRoles(organizationId, account.id, { roles }, session.call);
    } catch (error) {
      if (
        session.trusting ||
        (!(error instanceof RejectedError) &&
          !(error instanceof ConflictError) &&
          !(error instanceof GoneError))
      ) {
        throw error;
      }
      const where = organizationId === null ? 'of the site' : `in the organization ${organizationId}`;
      refused.set(organizationId, `Coder refuses the roles ${where} (${roles.join(', ')}): ${error.message}`);
      await session.record(
        effect('coder.roles.refused', step, account, { organizationId, roles, status: error.status ?? null }),
      );
      return view;
    }
    await session.record(effect('coder.user.roles', step, account, { organizationId, gained, lost }));
    return withRoles(view, account, organizationId, roles);
  }

  private async revoke(
    session: RunSession,
    view: ObservedUser,
    account: CoderUser,
    step: Step<'revokeToken'>,
  ): Promise<ObservedUser> {
    const { keyId } = step;
    const after = { ...view, tokens: (view.tokens ?? []).filter((id) => id !== keyId) };
    await session.beforeMutation();
    try {
      await this.coder.deleteKey(account.id, keyId, session.call);
    } catch (error) {
      if (!(error instanceof RejectedError) && !(error instanceof GoneError)) throw error;
      if (error instanceof RejectedError || (await this.hasToken(session, account, keyId))) {
        await recordRefusal(session, 'revokeToken', error, { keyId });
        return after;
      }
    }
    await session.offboard(
      { tokens: 1, workspaces: 0, open: openOf(after) },
      effect('coder.user.tokenRevoked', step, account, { keyId }),
    );
    return after;
  }

  /** Who may see a token and not delete it is answered 404 as well. */
  private async hasToken(session: RunSession, account: CoderUser, keyId: string): Promise<boolean> {
    const tokens = await this.coder.listTokens(account.id, {}, session.call);
    return tokens.some(({ id }) => id === keyId);
  }

  private async stop(
    session: RunSession,
    view: ObservedUser,
    account: CoderUser,
    step: Step<'stopWorkspace'>,
  ): Promise<ObservedUser> {
    const { workspaceId } = step;
    const { busy, ordered, refused } = view.leaving ?? { busy: [], ordered: [], refused: [] };
    const workspaces = (view.workspaces ?? []).filter((id) => id !== workspaceId);
    const after = { ...view, workspaces };
    await session.beforeMutation();
    try {
      const build = await this.coder.createWorkspaceBuild(workspaceId, { transition: 'stop' }, session.call);
      await session.offboard(
        { tokens: 0, workspaces: 1, open: openOf(after) },
        effect('coder.workspace.stopped', step, account, { workspaceId, buildId: build.id }),
      );
      return lookedAtAgain(after, { busy, ordered: [...ordered, workspaceId], refused });
    } catch (error) {
      // Another build began meanwhile.
      if (error instanceof ConflictError)
        return lookedAtAgain(after, { busy: [...busy, workspaceId], ordered, refused });
      if (error instanceof GoneError) return lookedAtAgain(after, { busy, ordered, refused });
      if (!(error instanceof RejectedError)) throw error;
      if (error.status !== GONE) await recordRefusal(session, 'stopWorkspace', error, { workspaceId });
      return lookedAtAgain(after, { busy, ordered, refused: [...refused, workspaceId] });
    }
  }
}

/** After the last stop it is looked again, how those that were ordered have ended. */
function lookedAtAgain(view: ObservedUser, leaving: Leaving): ObservedUser {
  if (view.workspaces?.length !== 0 || leaving.ordered.length === 0) return { ...view, leaving };
  const { workspaces: _none, ...rest } = view;
  return { ...rest, leaving };
}

/** Of a workspace that was deleted. */
const GONE = 410;

function openOf({ tokens = [], workspaces = [] }: ObservedUser): Remains {
  return { tokens, workspaces };
}

function withRoles(
  view: ObservedUser,
  account: CoderUser,
  organizationId: string | null,
  roles: readonly string[],
): ObservedUser {
  if (organizationId !== null) {
    return {
      ...view,
      organizationRoles: new Map([...(view.organizationRoles ?? []), [organizationId, roles]]),
      fresh: true,
    };
  }
  const others = account.roles.filter((role) => role.organization_id);
  const after = { ...account, roles: [...others, ...roles.map((name) => ({ name }))] };
  return { ...view, account: after, fresh: true };
}

function effect(action: string, step: UserStep, account: CoderUser, facts: Record<string, unknown>): Effect {
  return { action, facts: { reason: step.reason, coderId: account.id, ...facts } };
}
