export * from './apply.js';
export * from './prepare.js';
export type { MemberChange } from './members.js';
export type { PatchOperation } from './operation.js';
