import type { CoderClient } from '../coder/index.js';

/** Who the bridge is in Coder, and where it works. */
export interface Deployment {
  /** Coder's id of the connection's organization. */
  readonly organizationId: string;
  /** Coder's id of the account whose token the bridge uses. */
  readonly selfId: string;
}

/** Reads the {@link Deployment} once and keeps it; a failed reading is tried again at the next need. */
export class DeploymentReader {
  private reading: Promise<Deployment> | null = null;

  constructor(
    private readonly coder: CoderClient,
    /** Name or id; undefined: the default organization. */
    private readonly organization: string | undefined,
  ) {}

  read(): Promise<Deployment> {
    this.reading ??= this.ask().catch((error: unknown) => {
      this.reading = null;
      throw error;
    });
    return this.reading;
  }

  private async ask(): Promise<Deployment> {
    const [organization, self] = await Promise.all([
      this.coder.getOrganization(this.organization ?? 'default'),
      this.coder.getUser('me'),
    ]);
    return { organizationId: organization.id, selfId: self.id };
  }
}
