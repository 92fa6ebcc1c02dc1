import { tolerate, type Dialect } from '../protocol/index.js';
import { bareValues } from './bare-values.js';
import { entraDottedKeys } from './entra-dotted-keys.js';
import { entraManagerAsString } from './entra-manager-as-string.js';
import { entraManagerWithoutUrn } from './entra-manager-without-urn.js';
import { entraRoleDisplayName } from './entra-role-display-name.js';
import { entraStringBooleans } from './entra-string-booleans.js';
import { entraStringifiedRoles } from './entra-stringified-roles.js';
import { entraUnquotedFilterValue } from './entra-unquoted-filter-value.js';
import { singleValue } from './single-value.js';

export { presentedToken } from './okta-bearer.js';
export { decodeQueryValue } from './raw-plus-in-query.js';

/**
 * Every dialect, in the order in which they are applied. None changes a legal request, so all are spoken on every
 * connection: one Entra tenant uses both of its dialects, and no User-Agent decides anything.
 */
export const dialects: readonly Dialect[] = [
  entraManagerWithoutUrn,
  entraDottedKeys,
  entraStringBooleans,
  entraManagerAsString,
  singleValue,
  bareValues,
  entraStringifiedRoles,
  entraRoleDisplayName,
  entraUnquotedFilterValue,
];

/** All of them in one. */
export const allDialects = tolerate(dialects);
