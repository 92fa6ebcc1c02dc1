import { tolerate, type Deviation, type Dialect, type Tolerance } from '../protocol/index.js';
import { bareValues } from './bare-values.js';
import { entraCapitalisedOperations } from './entra-capitalised-operations.js';
import { entraDottedKeys } from './entra-dotted-keys.js';
import { entraEmptyString } from './entra-empty-string.js';
import { entraManagerAsString } from './entra-manager-as-string.js';
import { entraManagerWithoutUrn } from './entra-manager-without-urn.js';
import { entraRemoveByValue } from './entra-remove-by-value.js';
import { entraRoleDisplayName } from './entra-role-display-name.js';
import { entraStringBooleans } from './entra-string-booleans.js';
import { entraStringifiedRoles } from './entra-stringified-roles.js';
import { entraTombstoneUserName } from './entra-tombstone-user-name.js';
import { entraUnmodelledAttributes } from './entra-unmodelled-attributes.js';
import { entraUnquotedFilterValue } from './entra-unquoted-filter-value.js';
import { entraValuePathInFilter } from './entra-value-path-in-filter.js';
import { entraValuePathOnNothing } from './entra-value-path-on-nothing.js';
import { keycloakMembersLeftOut } from './keycloak-members-left-out.js';
import { oktaBearer } from './okta-bearer.js';
import { oktaOwnId } from './okta-own-id.js';
import { oktaPostAgain } from './okta-post-again.js';
import { oneloginSchemas } from './onelogin-schemas.js';
import { pingSeveralPrimaries } from './ping-several-primaries.js';
import { rawPlusInQuery } from './raw-plus-in-query.js';
import { singleValue } from './single-value.js';
import { validatorNoOperations } from './validator-no-operations.js';

export { presentedToken } from './okta-bearer.js';
export { decodeQueryValue } from './raw-plus-in-query.js';

/** Every dialect, in the order in which they are applied. None changes a legal request. */
export const dialects: readonly Dialect[] = [
  entraCapitalisedOperations,
  validatorNoOperations,
  entraManagerWithoutUrn,
  entraDottedKeys,
  entraUnmodelledAttributes,
  entraValuePathOnNothing,
  entraRemoveByValue,
  oktaOwnId,
  entraEmptyString,
  entraStringBooleans,
  entraManagerAsString,
  singleValue,
  bareValues,
  pingSeveralPrimaries,
  entraStringifiedRoles,
  entraRoleDisplayName,
  entraTombstoneUserName,
  entraUnquotedFilterValue,
  entraValuePathInFilter,
  oneloginSchemas,
  keycloakMembersLeftOut,
  oktaPostAgain,
];

/** Deviations that are met before a connection is known, so that no connection could choose. */
const beforeTheConnection: readonly Deviation[] = [oktaBearer, rawPlusInQuery];

/** Every deviation that is accepted somewhere. */
export const deviations: readonly Deviation[] = [...dialects, ...beforeTheConnection];

/** Names of the dialects that a connection may ask for; all others are always spoken. */
export const switchableDialects: readonly string[] = dialects
  .filter(({ always }) => !always)
  .map(({ name }) => name);

const made = new Map<string, Tolerance>();

/**
 * What a connection accepts: everything that is always accepted, and the switchable dialects that it names. The same names
 * give the same object.
 *
 * @param names of {@link switchableDialects}; the name of one that is always spoken is no mistake
 * @throws RangeError for a name that no dialect has
 */
export function dialectsFor(names: Iterable<string>): Tolerance {
  const wanted = new Set(names);
  const known = new Set(dialects.map(({ name }) => name));
  const unknown = [...wanted].find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `there is no dialect ${JSON.stringify(unknown.slice(0, 64))}; known: ${[...known].join(', ')}`,
    );
  }
  const spoken = dialects.filter(({ name, always }) => always || wanted.has(name));
  const key = spoken.map(({ name }) => name).join();
  const tolerance = made.get(key) ?? tolerate(spoken);
  made.set(key, tolerance);
  return tolerance;
}

/**
 * What every connection accepts that asks for nothing. One Entra tenant uses both of its dialects, and no User-Agent
 * decides anything.
 */
export const allDialects: Tolerance = dialectsFor([]);
