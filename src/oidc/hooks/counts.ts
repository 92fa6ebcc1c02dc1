import type { HookName, HookOutcome, Metrics } from '../../telemetry/index.js';

/** Counts what hooks bring. */
export class HookCounts {
  constructor(private readonly metrics: Pick<Metrics, 'hooks'>) {}

  add(hook: HookName, outcome: HookOutcome): void {
    this.metrics.hooks.inc({ hook, outcome });
  }
}
