import 'reflect-metadata';

import { startBridge } from '../src/bootstrap/index.js';
import { loadConfig, readEnvironment } from '../src/config/index.js';
import { createLog } from '../src/telemetry/index.js';

/**
 * The bridge in a process of its own, configured by its environment as always. Tells its parent where it listens, and
 * ends when the parent says so or is gone.
 */
const config = loadConfig(readEnvironment());
const bridge = await startBridge(config, createLog({ level: config.logLevel }));
const stop = (): void => void bridge.close().then(() => process.exit(0));
process.on('message', stop);
process.on('disconnect', stop);
process.send?.({ url: bridge.url });
