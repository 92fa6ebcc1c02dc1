import type { Lane } from '../common/index.js';
import type { Log } from '../telemetry/index.js';

/** The same error is logged once in so long: a queue that is away says so many times a second. */
const QUIET_MS = 10_000;

/** Logs errors of queues and workers, each kind at most once in ten seconds, with how many were left out. */
export function queueErrors(log: Log, now: () => number = Date.now): (lane: Lane, error: Error) => void {
  const seen = new Map<string, { at: number; omitted: number }>();
  return (lane, error) => {
    const kind = `${lane} ${error.name} ${error.message.slice(0, 100)}`;
    const last = seen.get(kind);
    if (last && now() - last.at < QUIET_MS) {
      last.omitted += 1;
      return;
    }
    if (seen.size > 100) seen.clear();
    seen.set(kind, { at: now(), omitted: 0 });
    log.warn({ lane, err: error, omitted: last?.omitted ?? 0 }, 'the queue reports an error');
  };
}
