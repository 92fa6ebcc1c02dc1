import { first } from './0001-first.js';
import { connections } from './0002-connections.js';
import { search } from './0003-search.js';
import { access } from './0004-access.js';
import { tombstonesByEmail } from './0005-tombstones-by-email.js';
import { claims } from './0006-claims.js';
import { logouts } from './0007-logouts.js';
import { claimedUsers } from './0008-claimed-users.js';
import { settingsOfClaims } from './0009-settings-of-claims.js';
import { lighterPushes } from './0010-lighter-pushes.js';

/** A step of the schema. Never changed after a release; its name orders it and records it. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** All migrations in their order. */
export const migrations: readonly Migration[] = [
  first,
  connections,
  search,
  access,
  tombstonesByEmail,
  claims,
  logouts,
  claimedUsers,
  settingsOfClaims,
  lighterPushes,
];
