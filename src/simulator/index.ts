export type { Admin } from './admin.js';
export type { CallLog, RecordedCall, RouteCounts } from './calls.js';
export type { Fault, FaultKind, FaultMatch, FaultRule, Faults } from './faults.js';
export { type Simulator, type SimulatorOptions, startSimulator } from './simulator.js';
export type { NewGroup, NewUser } from './state/deployment.js';
export type { AuditRow, Ledger, NotificationKind } from './state/ledger.js';
export type { GroupRow, MemberRow, OrganizationRow, UserRow } from './state/rows.js';
export type { State } from './state/state.js';
export type { Profile, SwitchChange, Switches } from './state/switches.js';
