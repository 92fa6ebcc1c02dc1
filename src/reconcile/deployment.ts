import { RejectedError } from '../coder/index.js';
import type { CoderClient } from '../coder/index.js';

/** Who the bridge is in Coder, and where a connection's people belong. */
export interface Deployment {
  /** Coder's id of the connection's organization. */
  readonly organizationId: string;
  /** Coder's id of the account whose token the bridge uses. */
  readonly selfId: string;
}

/** Site roles that see every user and every group. */
const SEES_ALL: ReadonlySet<string> = new Set(['owner', 'user-admin']);

/** Reads a {@link Deployment} once for each organization and keeps it; a failed reading is tried again at the next need. */
export class DeploymentReader {
  private readonly readings = new Map<string, Promise<Deployment>>();
  private self: Promise<string> | null = null;

  constructor(
    private readonly coder: CoderClient,
    /** Name or id, where a connection says nothing; undefined: the default organization. */
    private readonly usual?: string,
  ) {}

  /** @param organization name or id */
  read(organization = this.usual ?? 'default'): Promise<Deployment> {
    const known = this.readings.get(organization);
    if (known) return known;
    const reading = this.ask(organization).catch((error: unknown) => {
      this.readings.delete(organization);
      throw error;
    });
    this.readings.set(organization, reading);
    return reading;
  }

  /**
   * To be awaited before anything is held to be gone. Coder hides from an account without the role what it may not see: single
   * things are 404 (users 400), lists are short and look whole. Who then believed it would forget every account and group.
   *
   * @throws RejectedError when the bridge's account has not the role; CoderError when that cannot be read
   */
  async confirmSight(): Promise<void> {
    const { roles } = await this.coder.getUser('me');
    if (roles.some(({ name, organization_id: organization }) => !organization && SEES_ALL.has(name))) return;
    throw new RejectedError(
      'GET /users/{user}',
      "the bridge's account in Coder has neither the site role owner nor user-admin, so that what Coder does not show may exist all the same; give it the role back",
    );
  }

  private async ask(organization: string): Promise<Deployment> {
    const [{ id: organizationId }, selfId] = await Promise.all([
      this.coder.getOrganization(organization),
      this.selfId(),
    ]);
    return { organizationId, selfId };
  }

  private selfId(): Promise<string> {
    this.self ??= this.coder.getUser('me').then(
      ({ id }) => id,
      (error: unknown) => {
        this.self = null;
        throw error;
      },
    );
    return this.self;
  }
}
