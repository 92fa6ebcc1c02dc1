import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Knows whether the running code stands inside a transaction. Whoever asks the database itself from there would wait
 * on the embedded engine for the connection he holds, and on PostgreSQL would work outside of his transaction.
 */
export class TransactionScope {
  private open = 0;
  private readonly storage = new AsyncLocalStorage<{ open: boolean }>();

  /** @throws Error inside an open transaction */
  assertOutside(what: string): void {
    if (this.storage.getStore()?.open) {
      throw new Error(`${what} inside a transaction: use the transaction's own query, or wait for its end`);
    }
  }

  /** Marks `work` as being inside. What it leaves behind (timers, listeners) is outside again when it has ended. */
  async inside<T>(work: () => Promise<T>): Promise<T> {
    const scope = { open: true };
    this.open++;
    try {
      return await this.storage.run(scope, work);
    } finally {
      scope.open = false;
      // Following what runs where costs every promise of the process a tenth: only while there is something to follow.
      if (--this.open === 0) this.storage.disable();
    }
  }
}
