import type { Engine } from '../database/index.js';
import type { BackoffBounds, QueueBackend } from '../queue/index.js';

/** What tests set otherwise, so that they need not wait and can break things. Nobody else does. */
export interface Tuning {
  /** Bounds of the wait between tries; default 1 s to 60 s. */
  readonly backoff?: BackoffBounds;
  /** Of a call of Coder, milliseconds; default 15,000. */
  readonly callTimeoutMs?: number;
  /** Between two looks at what Coder is ready for, milliseconds; default 10 minutes. */
  readonly readinessMs?: number;
  /** How long a hook's answer waits for the work, milliseconds; asked at each hook; default 85. */
  readonly hookMs?: () => number | undefined;
  /** Stands before the real queue. */
  readonly queue?: (backend: QueueBackend) => QueueBackend;
  /** In place of the configured one; closed with the bridge. */
  readonly engine?: Engine;
}
