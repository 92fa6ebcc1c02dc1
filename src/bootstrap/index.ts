export { startBridge, type RunningBridge } from './bridge.js';
export type { Tuning } from './tuning.js';
