import { GoneError, RejectedError } from '../coder/index.js';
import type { CoderClient } from '../coder/index.js';
import type { Clock } from '../common/index.js';

/** Who the bridge is in Coder, and where a connection's people belong. */
export interface Deployment {
  /** Coder's id of the connection's organization; null: Coder has none of that name, or the token may not see it. */
  readonly organizationId: string | null;
  /** As the configuration names it. */
  readonly organization: string;
  /** Coder's id of the account whose token the bridge uses. */
  readonly selfId: string;
}

/** An organization that is not there is looked for again after this long: somebody may have made it. */
const LOOK_AGAIN_MS = 30_000;

/** Site roles that see every user and every group. */
const SEES_ALL: ReadonlySet<string> = new Set(['owner', 'user-admin']);

/** Reads a {@link Deployment} once for each organization and keeps it; a failed reading is tried again at the next need. */
export class DeploymentReader {
  private readonly readings = new Map<string, Promise<Deployment>>();
  /** When those are to be looked for again that were not there. */
  private readonly missing = new Map<string, number>();
  private self: Promise<string> | null = null;

  constructor(
    private readonly coder: CoderClient,
    /** Name or id, where a connection says nothing; undefined: the default organization. */
    private readonly usual: string | undefined,
    private readonly clock: Clock,
  ) {}

  /** @param organization name or id */
  read(organization = this.usual ?? 'default'): Promise<Deployment> {
    const known = this.readings.get(organization);
    const lookAgain = this.missing.get(organization) ?? Number.POSITIVE_INFINITY;
    if (known && this.clock.monotonic() < lookAgain) return known;
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
    const [organizationId, selfId] = await Promise.all([this.find(organization), this.selfId()]);
    if (organizationId === null) this.missing.set(organization, this.clock.monotonic() + LOOK_AGAIN_MS);
    else this.missing.delete(organization);
    return { organizationId, organization, selfId };
  }

  private async find(organization: string): Promise<string | null> {
    try {
      return (await this.coder.getOrganization(organization)).id;
    } catch (error) {
      if (error instanceof GoneError) return null;
      throw error;
    }
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
