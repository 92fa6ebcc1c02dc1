import { isJsonObject, type Json, type JsonObject, type StatedSettings } from '../../common/index.js';
import { readDocument } from './document.js';
import { statedSettings } from './coder-facts.js';
import { invalidValue } from './errors.js';
import { valueOf } from './json-text.js';
import { LIMITS } from './limits.js';
import { findAttribute, groupType, type AttributeDefinition } from './schema/index.js';
import { stringFault } from './strings.js';
import type { Tolerance } from './tolerance.js';

/** What a group's document says apart from itself. */
export interface GroupFacts {
  readonly displayName: string;
  readonly externalId: string | null;
  readonly document: JsonObject;
  /** Quota, templates and more that are for Coder; absent where nothing is stated. */
  readonly settings?: StatedSettings;
}

/** A POST or PUT of a group. */
export interface StatedGroup {
  readonly facts: GroupFacts;
  /** Ids, each once; undefined where `members` is absent or null, which is not the same as an empty list. */
  readonly members: readonly string[] | undefined;
}

/** The attribute that is kept as rows, not in the document. */
export const membersAttribute: AttributeDefinition = membersOfSchema();

/**
 * Reads the body of a POST or PUT of a group.
 *
 * @throws ScimError 400 invalidValue with the path
 */
export function readGroup(body: JsonObject, tolerance: Tolerance): StatedGroup {
  const document = readDocument(groupType, body, tolerance, [membersAttribute]);
  const members = valueOf(body, 'members');
  return {
    facts: groupFacts(document),
    members:
      members === undefined || members === null ? absent(tolerance) : statedMembers(members, tolerance),
  };
}

/** Without `members` a PUT leaves none, by the letter of RFC 7644 section 3.5.1. */
function absent(tolerance: Tolerance): readonly string[] | undefined {
  return tolerance.permits('membersLeftOut') ? undefined : [];
}

function statedMembers(members: Json, tolerance: Tolerance): readonly string[] {
  return memberIds(tolerance.value(membersAttribute, members), 'members');
}

/** The facts of a group's document. */
export function groupFacts(document: JsonObject): GroupFacts {
  const { displayName, externalId } = document;
  const settings = statedSettings(document);
  return {
    displayName: typeof displayName === 'string' ? displayName : '',
    externalId: typeof externalId === 'string' ? externalId : null,
    document,
    ...(settings && { settings }),
  };
}

/**
 * The ids that a value of `members` names, each once. `display`, `$ref` and `type` are derived and not looked at.
 *
 * @throws ScimError 400 invalidValue with the path
 */
export function memberIds(stated: Json, at: string): string[] {
  const list = Array.isArray(stated) ? stated : [stated];
  const ids = new Set<string>();
  list.forEach((element: Json, i) => {
    if (element !== null) ids.add(memberId(element, Array.isArray(stated) ? `${at}[${i}]` : at));
  });
  return [...ids];
}

function memberId(element: Json, at: string): string {
  const value = isJsonObject(element) ? valueOf(element, 'value') : undefined;
  if (typeof value !== 'string' || value === '')
    throw invalidValue(`${at}.value`, 'must be the id of a user');
  const fault = stringFault(value);
  if (fault !== undefined) throw invalidValue(`${at}.value`, fault);
  if (value.length > LIMITS.indexedString) throw invalidValue(`${at}.value`, 'is longer than any id');
  return value;
}

function membersOfSchema(): AttributeDefinition {
  const attribute = findAttribute(groupType.schema.attributes, 'members');
  if (attribute === undefined) throw new Error('the Group schema has no members');
  return attribute;
}
