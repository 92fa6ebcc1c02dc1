export { diagnose } from './diagnose.js';
export { probeCoder, type Place } from './prober.js';
export type { Diagnosis, Expectations, Finding, Probes, Result } from './probes.js';
export { readinessJson, readinessTable, type Subject } from './table.js';
export { Readiness } from './readiness.js';
