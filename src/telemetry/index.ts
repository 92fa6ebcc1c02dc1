export * from './health.js';
export * from './log.js';
export * from './metrics.js';
export { NestLog } from './nest-log.js';
export { registerHttpMetrics } from './http-metrics.js';
export { redact, scrub } from './redact.js';
export { TelemetryModule, type TelemetryOptions } from './telemetry.module.js';
