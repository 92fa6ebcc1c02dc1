export { startBridge, type RunningBridge } from './bridge.js';
