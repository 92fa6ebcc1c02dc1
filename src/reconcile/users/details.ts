import { GoneError, RejectedError } from '../../coder/index.js';
import type { CallOptions, CoderClient, CoderError, CoderUser, CoderWorkspace } from '../../coder/index.js';
import type { UserTarget } from '../../directory/index.js';
import { needsOrganizationRoles, type PlanContext } from '../planner/index.js';
import type { RunSession } from '../session.js';
import type { ObservedUser } from './observe-user.js';

/** Workspaces of one person that are looked at. */
const MOST_WORKSPACES = 500;

/** Looks at what few users need, and only at that: roles in organizations, quiet hours, and what is left of who leaves. */
export class UserDetails {
  constructor(private readonly coder: CoderClient) {}

  /**
   * The view with what planning needs of the account. What was read once in a run is not read again.
   *
   * @throws CoderError where something cannot be read; a refusal of what only offboarding needs is recorded, and passed over
   */
  async complete(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    context: PlanContext,
  ): Promise<ObservedUser> {
    const { account } = view;
    if (account === null) return view;
    let seen = view;
    const { urgent } = session.call;
    const options = urgent === undefined ? {} : { urgent };
    if (seen.organizationRoles === undefined && needsOrganizationRoles(target, context)) {
      seen = { ...seen, organizationRoles: await this.organizationRoles(account, options) };
    }
    if (seen.quietHours === undefined && target.access.quietHours !== undefined && !target.deleted) {
      const { raw_schedule: quietHours } = await this.coder.getQuietHours(account.id, options);
      seen = { ...seen, quietHours };
    }
    // What is left of somebody is looked for once the account is shut, so that nothing keeps it open.
    const leaves = (target.deleted || !target.active) && account.status === 'suspended';
    return leaves ? this.remains(session, seen, account, context, options) : seen;
  }

  private async organizationRoles(account: CoderUser, options: CallOptions): Promise<Map<string, string[]>> {
    const { organization_roles: roles } = await this.coder.getUserRoles(account.id, options);
    return new Map(Object.entries(roles ?? {}));
  }

  private async remains(
    session: RunSession,
    view: ObservedUser,
    account: CoderUser,
    { policy }: PlanContext,
    options: CallOptions,
  ): Promise<ObservedUser> {
    let seen = view;
    if (seen.tokens === undefined && policy.revokeTokens) {
      const tokens = await orRefused(session, 'tokens', async () => {
        const list = await this.coder.listTokens(account.id, {}, options);
        return list
          .filter(({ user_id: owner }) => owner === undefined || owner === account.id)
          .map(({ id }) => id);
      });
      seen = { ...seen, tokens };
    }
    if (seen.workspaces === undefined && policy.stopWorkspaces) {
      const workspaces = await orRefused(session, 'workspaces', () => this.running(account, options));
      seen = { ...seen, workspaces };
    }
    return seen;
  }

  private async running({ id, username }: CoderUser, options: CallOptions): Promise<string[]> {
    const { workspaces } = await this.coder.listWorkspaces(
      { q: `owner:${username}`, limit: MOST_WORKSPACES },
      options,
    );
    return workspaces
      .filter((workspace) => workspace.owner_id === id && runs(workspace))
      .map((one) => one.id);
  }
}

/** Whether a workspace runs, or is about to: it does unless its latest build stops or deletes it, or never got anywhere. */
function runs({ latest_build: build }: CoderWorkspace): boolean {
  const ended = ['stopped', 'stopping', 'deleted', 'deleting', 'canceled'];
  return build.transition === 'start' && !ended.includes(build.status ?? '');
}

/** What this Coder, or this token, does not let be seen does not hold up the rest: it is on the record. */
async function orRefused(
  session: RunSession,
  what: 'tokens' | 'workspaces',
  read: () => Promise<string[]>,
): Promise<string[]> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RejectedError) && !(error instanceof GoneError)) throw error;
    await recordRefusal(session, `list ${what}`, error);
    return [];
  }
}

/** A step of offboarding that Coder refuses: the others go on, and the receipt shows it. */
export async function recordRefusal(session: RunSession, step: string, error: CoderError): Promise<void> {
  await session.record({
    action: 'coder.offboarding.refused',
    facts: { step, status: error.status ?? null, operation: error.operation },
    personal: { detail: error.message },
  });
}
