import type { ClaimsStatement, PersonSignal, StatedClaims } from '../common/index.js';
import type { ClaimsDirectory, Following } from '../directory/index.js';
import type { Metrics } from '../telemetry/index.js';

/** What the ways in have of the directory of claims; counts what became of each statement. */
export class CountedClaims implements Pick<ClaimsDirectory, 'state' | 'compareAnew' | 'following'> {
  constructor(
    private readonly directory: Pick<ClaimsDirectory, 'state' | 'compareAnew' | 'following'>,
    private readonly metrics: Pick<Metrics, 'claims'>,
  ) {}

  async state(statement: ClaimsStatement): Promise<StatedClaims> {
    const stated = await this.directory.state(statement);
    this.metrics.claims.inc({ way: statement.source, outcome: stated.outcome });
    return stated;
  }

  compareAnew(connectionId: string, signals: readonly PersonSignal[]): Promise<void> {
    return this.directory.compareAnew(connectionId, signals);
  }

  following(userId: string): Promise<Following> {
    return this.directory.following(userId);
  }
}
