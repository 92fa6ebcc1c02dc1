import type { BridgeAdmin } from './bridge-admin.js';
import type { Awaited, Calls, CoderView } from './coder.js';
import { Unlinked } from './identity-provider.js';
import { necessaryCalls } from './model.js';
import type { Stated } from './model.js';
import { duration } from './paint.js';
import type { Progress } from './progress.js';
import { ScimRefusal } from './scim-client.js';
import type { ScimClient, Sent } from './scim-client.js';
import { Stuck, untilQuiet } from './waiting.js';

/** What the identity provider does on one occasion; it is stated when it begins. */
export type Push = () => Promise<unknown>;

/** A change that is watched on its way. */
export interface Watched {
  /** E.g. `name changed`: changes of a kind are measured together. */
  readonly kind: string;
  readonly push: Push;
  readonly change: Awaited;
}

export interface PhaseResult {
  readonly title: string;
  readonly sent: Sent;
  /** Time in which requests were open, milliseconds. */
  readonly pushingMs: number;
  /** The whole phase, until Coder had all of it. */
  readonly wholeMs: number;
  /** Null where Coder does not count. */
  readonly calls: Calls | null;
  /** Mutations that the statements of the phase need. */
  readonly necessary: number;
}

/** A measured way from push to Coder. */
export interface Latency {
  readonly kind: string;
  readonly ms: number;
}

/** All that a run needs. */
export interface Stage {
  readonly scim: ScimClient;
  readonly admin: BridgeAdmin;
  readonly coder: CoderView;
  readonly stated: Stated;
  readonly progress: Progress;
  readonly concurrency: number;
  readonly patienceMs: number;
}

/** Part of a step that pushing takes, the rest is the waiting for Coder. */
const PUSHING_SHARE = 0.5;
/** A push of many things takes a phase's bar as far as so many single ones. */
const TOGETHER = 4;

/** Plays phases, and counts and measures them. */
export class Run {
  readonly phases: PhaseResult[] = [];
  readonly latencies: Latency[] = [];
  /** What went wrong on the way, in words. */
  readonly faults: string[] = [];
  private pushingMs = 0;
  private necessary = 0;
  /** Steps of this phase: all, those that are done, and the weight of the one that is being done. */
  private steps = { all: 1, done: 0, now: 1 };

  constructor(private readonly stage: Stage) {}

  /**
   * Plays one phase.
   *
   * @param steps what it consists of, for the progress: how often many things are pushed together, and single ones
   * @param work answers what was done, in words
   */
  async phase(
    title: string,
    steps: { readonly together?: number; readonly single?: number },
    work: () => Promise<string>,
  ): Promise<void> {
    const { coder, progress, scim } = this.stage;
    progress.begin(title);
    const [before, sent, begun] = [await coder.calls(), scim.sent, performance.now()];
    [this.pushingMs, this.necessary] = [0, 0];
    this.steps = { all: (steps.together ?? 0) * TOGETHER + (steps.single ?? 0), done: 0, now: 0 };
    const summary = await work();
    const wholeMs = performance.now() - begun;
    const calls = difference(before, await coder.calls());
    this.phases.push({
      title,
      sent: { pushes: scim.sent.pushes - sent.pushes, lookups: scim.sent.lookups - sent.lookups },
      pushingMs: this.pushingMs,
      wholeMs,
      calls,
      necessary: this.necessary,
    });
    progress.end(`${summary} in ${duration(wholeMs)}`);
  }

  /**
   * Pushes a number of things at once, and waits until Coder has them.
   *
   * @param chains each in order, several at a time
   */
  async together(what: string, chains: readonly (readonly Push[])[]): Promise<void> {
    await this.step(TOGETHER, async () => {
      await this.pushAll(what, chains);
      await this.quiet();
    });
  }

  /** Pushes one thing after the other, each when the one before has arrived, and measures the time. */
  async oneByOne(watched: readonly Watched[]): Promise<void> {
    for (const { kind, push, change } of watched) {
      await this.step(1, async () => {
        this.show(0, `single changes: ${kind}`);
        if (await this.pushed(push)) await this.measure(kind, change);
      });
    }
  }

  /** Waits until the change has arrived and nothing is on its way; what rests without having arrived was refused or held. */
  private async measure(kind: string, change: Awaited): Promise<void> {
    const { coder, scim } = this.stage;
    const since = scim.lastPushAt;
    let isQuiet = false;
    const quiet = this.quiet().finally(() => {
      isQuiet = true;
    });
    const [arrived] = await Promise.all([coder.arrival(change, since, () => isQuiet), quiet]);
    if (arrived === null) this.faults.push(`${kind}: a single change did not reach Coder`);
    else this.latencies.push({ kind, ms: arrived - since });
  }

  /** Adds up what the statements need that are made and awaited together. */
  private async step(weight: number, work: () => Promise<void>): Promise<void> {
    const { stated } = this.stage;
    const before = stated.snapshot();
    this.steps.now = weight;
    await work();
    this.steps.done += weight;
    this.necessary += necessaryCalls(before, stated);
  }

  /** @param share 0..1 of the step */
  private show(share: number, activity: string): void {
    const { all, done, now } = this.steps;
    this.stage.progress.at((done + share * now) / Math.max(1, all), activity);
  }

  private async pushAll(what: string, chains: readonly (readonly Push[])[]): Promise<void> {
    const { concurrency } = this.stage;
    const total = chains.reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    const waiting = chains.values();
    const begun = performance.now();
    const worker = async (): Promise<void> => {
      for (const chain of waiting) {
        for (const push of chain) {
          await this.attempt(push);
          done += 1;
          this.show((PUSHING_SHARE * done) / total, `pushing ${what}: ${done} of ${total}`);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    this.pushingMs += performance.now() - begun;
  }

  private async pushed(push: Push): Promise<boolean> {
    const begun = performance.now();
    const done = await this.attempt(push);
    this.pushingMs += performance.now() - begun;
    return done;
  }

  /** A refused push fails, as in a provider's list of tasks; the others go on. @returns whether it was accepted */
  private async attempt(push: Push): Promise<boolean> {
    try {
      await push();
      return true;
    } catch (error) {
      if (!(error instanceof ScimRefusal || error instanceof Unlinked)) throw error;
      this.faults.push(`refused: ${error.message}`);
      return false;
    }
  }

  private async quiet(): Promise<void> {
    const { admin, patienceMs } = this.stage;
    try {
      await untilQuiet(admin, patienceMs, (left, most) => {
        const arrived = most === 0 ? 1 : 1 - left / most;
        this.show(
          PUSHING_SHARE + (1 - PUSHING_SHARE) * arrived,
          left === 0 ? 'all in Coder' : `on the way to Coder: ${left}`,
        );
      });
    } catch (error) {
      if (!(error instanceof Stuck)) throw error;
      this.faults.push(error.message);
    }
  }
}

function difference(before: Calls | null, after: Calls | null): Calls | null {
  if (!before || !after) return null;
  return {
    mutations: after.mutations - before.mutations,
    reads: after.reads - before.reads,
    refused: after.refused - before.refused,
  };
}
