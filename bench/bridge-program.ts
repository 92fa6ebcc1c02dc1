import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { startBridge } from '../src/bootstrap/index.js';
import { loadConfig, readEnvironment } from '../src/config/index.js';
import { createLog } from '../src/telemetry/index.js';
import type { Delays } from './support/children.js';

/**
 * The bridge in a process of its own, configured by its environment as always. Tells its parent where it listens, and
 * ends when the parent says so or is gone.
 */
const config = loadConfig(readEnvironment());
const bridge = await startBridge(config, createLog({ level: config.logLevel }));
const stop = (): void => void bridge.close().then(() => process.exit(0));
const delays = monitorEventLoopDelay({ resolution: 1 });
process.on('message', (word) => {
  if (word === 'stop') stop();
  else if (word === 'measure delays') process.send?.({ measuring: restart() });
  else if (word === 'delays') process.send?.(report());
});

function restart(): boolean {
  delays.reset();
  return delays.enable();
}

/** How long the event loop was held up, milliseconds. */
function report(): Delays {
  const ms = (nanoseconds: number): number => nanoseconds / 1e6;
  return { p50: ms(delays.percentile(50)), p999: ms(delays.percentile(99.9)), max: ms(delays.max) };
}

process.on('disconnect', stop);
process.send?.({ url: bridge.url });
