import type { Config } from '../../config/index.js';
import type { Queryable } from '../../database/index.js';

/** On which connections claims make users. */
export interface ClaimedUsers {
  /** Whether the policy lets claims make users. */
  mayCreate(connectionId: string): Promise<boolean>;
  /** Whether there are such users, or may be. */
  concerns(connectionId: string): Promise<boolean>;
}

/** Nowhere. */
export const NO_CLAIMED_USERS: ClaimedUsers = {
  mayCreate: () => Promise.resolve(false),
  concerns: () => Promise.resolve(false),
};

/** By the policies of the configuration. Where they forbid it, users may have been made before this process began. */
export class ConfiguredClaimedUsers implements ClaimedUsers {
  private readonly known = new Map<string, { readonly may: boolean; readonly concerns: boolean }>();

  constructor(
    private readonly database: Queryable,
    private readonly config: Pick<Config, 'connections'>,
  ) {}

  async mayCreate(connectionId: string): Promise<boolean> {
    return (await this.of(connectionId)).may;
  }

  async concerns(connectionId: string): Promise<boolean> {
    return (await this.of(connectionId)).concerns;
  }

  private async of(connectionId: string): Promise<{ readonly may: boolean; readonly concerns: boolean }> {
    const known = this.known.get(connectionId);
    if (known) return known;
    const [row] = await this.database.query<{ name: string; used: boolean }>(
      `SELECT c.name, EXISTS (SELECT FROM bridge.users u
                               WHERE u.connection_id = c.id AND u.claimed AND u.deleted_at IS NULL) AS used
         FROM bridge.connections c WHERE c.id = $1::uuid`,
      [connectionId],
    );
    const may = this.config.connections.some(
      ({ name, policy }) => name === row?.name && policy.createFromClaims,
    );
    const found = { may, concerns: may || row?.used === true };
    this.known.set(connectionId, found);
    return found;
  }
}
