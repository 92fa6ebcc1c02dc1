import type { CoderClient } from '../../coder/index.js';
import type { Clock } from '../../common/index.js';

/** Coder's lists may be this old: custom roles seldom change. */
const MAX_AGE_MS = 5 * 60_000;

/** Names of the roles that an organization has, read once and kept. */
export class RoleNames {
  private readonly lists = new Map<
    string,
    { readonly readAt: number; readonly names: Promise<readonly string[]> }
  >();

  constructor(
    private readonly coder: Pick<CoderClient, 'listOrganizationRoles'>,
    private readonly clock: Clock,
  ) {}

  /** @throws CoderError */
  of(organizationId: string): Promise<readonly string[]> {
    const known = this.lists.get(organizationId);
    const now = this.clock.monotonic();
    if (known && now - known.readAt < MAX_AGE_MS) return known.names;
    const names = this.coder
      .listOrganizationRoles(organizationId)
      .then((roles) => roles.map(({ name }) => name))
      .catch((error: unknown) => {
        this.lists.delete(organizationId);
        throw error;
      });
    this.lists.set(organizationId, { readAt: now, names });
    return names;
  }
}
