import type { CallOptions, CoderClient, CoderUser } from '../../coder/index.js';
import type { UserTarget } from '../../directory/index.js';
import { needsOrganizationRoles, type PlanContext } from '../planner/index.js';
import type { RunSession } from '../session.js';
import type { ObservedUser } from './observed-user.js';
import { RemainsReader } from './remains.js';

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
    return leaves ? this.remains.look(session, target, seen, account, context.policy, options) : seen;
  }

  private async organizationRoles(account: CoderUser, options: CallOptions): Promise<Map<string, string[]>> {
    const { organization_roles: roles } = await this.coder.getUserRoles(account.id, options);
    return new Map(Object.entries(roles ?? {}));
  }
}
