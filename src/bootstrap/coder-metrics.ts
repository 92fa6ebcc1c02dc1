import { ThrottledError } from '../coder/index.js';
import type { EndedCall } from '../coder/index.js';
import { statusClass } from '../telemetry/index.js';
import type { CallOutcome, Metrics } from '../telemetry/index.js';

/** Counts and times calls of Coder. Operations are the client's own route templates: a closed set. */
export function callMetrics(metrics: Metrics): (call: EndedCall) => void {
  return (call) => {
    metrics.coderCalls.inc({ operation: call.operation, status: outcomeOf(call) });
    metrics.coderSeconds.observe({ operation: call.operation }, call.ms / 1000);
  };
}

function outcomeOf({ error }: EndedCall): CallOutcome {
  if (!error) return '2xx';
  if (error.status !== undefined) return statusClass(error.status);
  return error instanceof ThrottledError ? 'throttled' : 'noAnswer';
}
