import { GoneError, RejectedError } from '../../coder/index.js';
import type { CallOptions, CoderClient, CoderUser } from '../../coder/index.js';
import type { UserTarget } from '../../directory/index.js';
import { keepsKeys, needsOrganizationRoles, type PlanContext } from '../planner/index.js';
import type { RunSession } from '../session.js';
import type { ObservedUser } from './observed-user.js';
import { RemainsReader, type Sought } from './remains.js';

/** Looks at what few users need, and only at that: roles in organizations, quiet hours, and what is left of who leaves. */
export class UserDetails {
  private readonly remains: RemainsReader;

  constructor(private readonly coder: CoderClient) {
    this.remains = new RemainsReader(coder);
  }

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
    const leaves = target.deleted || !target.active;
    // Nothing that may not be readable holds up the suspension.
    if (leaves && account.status !== 'suspended') return view;
    let seen = view;
    const { urgent } = session.call;
    const options = urgent === undefined ? {} : { urgent };
    if (seen.organizationRoles === undefined && needsOrganizationRoles(target, context)) {
      seen = { ...seen, organizationRoles: await this.organizationRoles(account, options) };
    }
    const { quietHours: stated } = target.access;
    if (seen.quietHours === undefined && stated !== undefined && !leaves) {
      seen = { ...seen, quietHours: await this.quietHours(session, account, stated, options) };
    }
    // What is left of somebody is looked for once the account is shut, so that nothing keeps it open.
    const sought = soughtOf(target, account, leaves, context);
    return sought.keys === 'protected'
      ? { ...seen, keys: sought.keys }
      : this.remains.look(session, target, seen, account, sought, options);
  }

  /** Where Coder has no quiet hours to set, that is on the record, and holds nothing else up. */
  private async quietHours(
    session: RunSession,
    account: CoderUser,
    stated: string,
    options: CallOptions,
  ): Promise<string> {
    try {
      return (await this.coder.getQuietHours(account.id, options)).raw_schedule;
    } catch (error) {
      if (!(error instanceof RejectedError || error instanceof GoneError)) throw error;
      await session.note({ action: 'note.quietHours', facts: { status: error.status ?? null } });
      return stated;
    }
  }

  private async organizationRoles(account: CoderUser, options: CallOptions): Promise<Map<string, string[]>> {
    const { organization_roles: roles } = await this.coder.getUserRoles(account.id, options);
    return new Map(Object.entries(roles ?? {}));
  }
}

/** Of somebody who leaves what the policy says; of somebody who was logged out, older API tokens. */
function soughtOf(
  { keysUntil }: UserTarget,
  account: CoderUser,
  leaves: boolean,
  { policy, ...context }: PlanContext,
): Sought {
  const workspaces = leaves && policy.stopWorkspaces;
  if (leaves && policy.revokeTokens) return { keys: 'all', workspaces };
  if (keysUntil === null) return { keys: null, workspaces };
  if (!leaves && keepsKeys(account, { policy, ...context })) return { keys: 'protected', workspaces };
  return { keys: keysUntil, workspaces };
}
