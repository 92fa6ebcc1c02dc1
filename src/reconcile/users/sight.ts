import type { CallOptions, CoderClient } from '../../coder/index.js';
import { systemClock, type Clock } from '../../common/index.js';

/** The roles of the bridge's own account are believed for so long, milliseconds. */
const KEPT_MS = 60_000;

/**
 * What the bridge's account can see of others. Coder answers who may not see something with a list that is short, or empty, and
 * looks whole: nothing is proven by it.
 */
export class Sight {
  private known: { readonly at: number; readonly roles: Promise<readonly string[]> } | null = null;

  constructor(
    private readonly coder: CoderClient,
    private readonly clock: Pick<Clock, 'monotonic'> = systemClock,
  ) {}

  /** @returns whether the account has one of these site roles. @throws CoderError when that cannot be read */
  async has(roles: readonly string[], options: CallOptions): Promise<boolean> {
    const old = this.known === null || this.clock.monotonic() - this.known.at > KEPT_MS;
    if (!old && (await this.among(roles, options))) return true;
    // A role that is missing may have been given since.
    this.known = null;
    return this.among(roles, options);
  }

  private async among(roles: readonly string[], options: CallOptions): Promise<boolean> {
    this.known ??= { at: this.clock.monotonic(), roles: this.read(options) };
    const mine = await this.known.roles;
    return roles.some((role) => mine.includes(role));
  }

  private async read(options: CallOptions): Promise<readonly string[]> {
    try {
      const { roles } = await this.coder.getUser('me', options);
      return roles.filter((role) => !role.organization_id).map(({ name }) => name);
    } catch (error) {
      this.known = null;
      throw error;
    }
  }
}
