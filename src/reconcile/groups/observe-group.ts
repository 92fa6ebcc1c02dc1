import { GoneError } from '../../coder/index.js';
import type { CoderClient, CoderGroup } from '../../coder/index.js';
import type { GroupTarget } from '../../directory/index.js';
import type { DeploymentReader } from '../deployment.js';
import { wantedGroupName } from '../planner/index.js';
import type { GroupView } from '../planner/index.js';
import type { RunSession } from '../session.js';
import { knownGroup } from './known-group.js';

/** Whether what was last seen may be gone by, and that it is. */
type Trust = Pick<RunSession, 'mayTrust' | 'trust'>;

/** Looks at Coder for one group: one read, which tells all members. */
export class GroupObserver {
  constructor(
    private readonly coder: CoderClient,
    private readonly deployment: Pick<DeploymentReader, 'confirmSight'>,
  ) {}

  /** @throws CoderError when Coder cannot be read; a failed reading is never taken for "no members" */
  async observe(
    target: GroupTarget,
    organizationId: string,
    session: Trust,
    strict: boolean,
  ): Promise<GroupView> {
    const known = session.mayTrust ? knownGroup(target, strict) : null;
    if (known) {
      session.trust();
      return { group: known, sameName: null };
    }
    if (target.link) return { group: await this.byId(target.link.coderId), sameName: null };
    if (target.deleted && !target.intent) return { group: null, sameName: null };
    return { group: null, sameName: await this.byName(organizationId, wantedGroupName(target)) };
  }

  async byName(organizationId: string, name: string): Promise<CoderGroup | null> {
    return orNull(this.coder.getGroupByName(organizationId, name));
  }

  /** A linked group. 404 says "gone or hidden": it is asked again once it is known that nothing is hidden. */
  async byId(id: string): Promise<CoderGroup | null> {
    const group = await orNull(this.coder.getGroup(id));
    if (group) return group;
    await this.deployment.confirmSight();
    return orNull(this.coder.getGroup(id));
  }
}

async function orNull(reading: Promise<CoderGroup>): Promise<CoderGroup | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof GoneError) return null;
    throw error;
  }
}
