import { DatabaseUnavailable } from '../../database/index.js';

/** Batches under way at once; what arrives meanwhile makes up the next one. */
const IN_FLIGHT = 2;

/** Commands of one batch: few enough that its transaction is short, and that the database works on one while this process does on another. */
const LARGEST = 10;

/** How commands are run. */
export interface Runs<Command, Result> {
  /** Runs one command. Throws its refusal. */
  readonly alone: (command: Command) => Promise<Result>;
  /**
   * Runs several in one transaction, all or none. Answers null for each that it left untouched, because it needs more than
   * the plain case; throws when any of them was refused, without saying which.
   */
  readonly together: (commands: readonly Command[]) => Promise<readonly (Result | null)[]>;
  /** Two commands of the same key never share a batch. */
  readonly key: (command: Command) => string;
}

interface Waiting<Command, Result> {
  readonly command: Command;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits commands that arrive at the same time in one transaction: an IdP pushes thousands of people over several
 * connections at once, and a commit for twenty costs little more than a commit for one. A command that comes alone is run
 * alone, at once. Where a batch is refused, each of its commands is run again alone, so that each has the answer it would
 * have had without the others.
 */
export class Together<Command, Result> {
  private waiting: Waiting<Command, Result>[] = [];
  private inFlight = 0;
  private scheduled = false;

  constructor(private readonly runs: Runs<Command, Result>) {}

  run(command: Command): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ command, resolve, reject });
      this.schedule();
    });
  }

  /** After this turn of the event loop: until then the other requests that have arrived are read too. */
  private schedule(): void {
    if (this.scheduled || this.inFlight >= IN_FLIGHT || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.next();
    });
  }

  private async next(): Promise<void> {
    const batch = this.take();
    this.inFlight++;
    this.schedule();
    try {
      await this.batch(batch);
    } finally {
      this.inFlight--;
      this.schedule();
    }
  }

  /** The oldest ones, each key once; the others keep their order. */
  private take(): Waiting<Command, Result>[] {
    const keys = new Set<string>();
    const batch: Waiting<Command, Result>[] = [];
    const rest: Waiting<Command, Result>[] = [];
    for (const one of this.waiting) {
      const key = this.runs.key(one.command);
      if (batch.length >= LARGEST || keys.has(key)) rest.push(one);
      else batch.push(one);
      keys.add(key);
    }
    this.waiting = rest;
    return batch;
  }

  private async batch(batch: readonly Waiting<Command, Result>[]): Promise<void> {
    const results = batch.length > 1 ? await this.attempt(batch) : [];
    if (results === null) return;
    await Promise.all(
      batch.map(async (one, i) => {
        const result = results[i];
        if (result !== undefined && result !== null) one.resolve(result);
        else await this.alone(one);
      }),
    );
  }

  /** No results where the batch was refused; null where the database is away, and then everybody was told so. */
  private async attempt(
    batch: readonly Waiting<Command, Result>[],
  ): Promise<readonly (Result | null)[] | null> {
    try {
      return await this.runs.together(batch.map(({ command }) => command));
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) return [];
      // Perhaps it was committed: to run it again would be to do it twice.
      for (const { reject } of batch) reject(error);
      return null;
    }
  }

  private async alone({ command, resolve, reject }: Waiting<Command, Result>): Promise<void> {
    try {
      resolve(await this.runs.alone(command));
    } catch (error) {
      reject(error);
    }
  }
}
