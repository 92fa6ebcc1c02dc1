import type { Failure, Pushed, Settlements } from '../../../directory/index.js';
import { fromFailure } from '../reply/failures.js';

/** Waiting until a push has arrived in Coder, so that the IdP's admin sees a refusal where they look. */
export class Settling {
  /** @param waitMs how long a push waits, milliseconds; 0: not at all */
  constructor(
    private readonly settlements: Settlements,
    private readonly waitMs: number,
  ) {}

  /**
   * Waits for a change. What Coder refuses stays recorded, and stating it again tries again.
   *
   * @param members ids of the users that the push is about, of a group: the refusal of others is not its own
   * @throws ScimError where Coder refused
   */
  async changed({ target }: Pushed<unknown>, members: readonly string[] = []): Promise<void> {
    if (this.waitMs <= 0) return;
    const settled = await this.settlements.wait(target, this.waitMs);
    if (settled.outcome === 'failed' && concerns(settled.failure, members))
      throw fromFailure(settled.failure);
  }

  /**
   * Waits for a creation. One that is refused leaves nothing behind, so that it may be sent again; where it cannot be
   * undone any more (it was changed or linked meanwhile), it exists, and that is what the answer says.
   *
   * @throws ScimError where Coder refused
   */
  async created({ target }: Pushed<unknown>): Promise<void> {
    if (this.waitMs <= 0) return;
    const settled = await this.settlements.wait(target, this.waitMs);
    if (settled.outcome !== 'failed') return;
    if (await this.settlements.undoCreation(target)) throw fromFailure(settled.failure);
  }

  /** Waits for a deletion. The resource is gone in any case: a refusal by Coder is shown to the bridge's admin instead. */
  async removed({ target }: Pushed<unknown>): Promise<void> {
    if (this.waitMs > 0) await this.settlements.wait(target, this.waitMs);
  }
}

function concerns({ members: refused }: Failure, members: readonly string[]): boolean {
  return refused === undefined || refused.some((id) => members.includes(id));
}
