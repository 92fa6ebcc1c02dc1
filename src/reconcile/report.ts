import { CoderError } from '../coder/index.js';
import type { Log, Metrics, RunOutcome } from '../telemetry/index.js';
import type { RunReport } from './reconciler.js';

/** A run's outcome as the metrics name it. */
const COUNTED: Readonly<Record<RunReport['outcome'], RunOutcome>> = {
  settled: 'applied',
  unchanged: 'unchanged',
  failed: 'failed',
  held: 'held',
  waiting: 'putOff',
  throttled: 'putOff',
  retry: 'putOff',
  paused: 'putOff',
  leaseTaken: 'busy',
  lost: 'leaseLost',
};

/** Counts each run, and logs what an operator would want to know. */
export function reporter(log: Log, metrics: Metrics): (report: RunReport) => void {
  return ({ kind, outcome, target, dirtyForMs, error }) => {
    const err = loggable(error);
    metrics.reconciles.inc({ kind, outcome: COUNTED[outcome] });
    if (dirtyForMs !== undefined) metrics.pushToCoder.observe({ kind }, dirtyForMs / 1000);
    if (outcome === 'failed')
      log.warn({ target, err }, 'the target is failed until its next change or full sync');
    else if (outcome === 'held') log.warn({ target }, 'the plan is held: it waits for approval');
    else if (outcome === 'retry') log.info({ target, err }, 'the run will be tried again');
    else log.debug({ target, outcome }, 'run ended');
  };
}

/** Coder's own words are for whoever may read the failures, not for the log. */
function loggable(error: Error | undefined): object | undefined {
  return error instanceof CoderError ? { type: error.name, message: error.summary } : error;
}
