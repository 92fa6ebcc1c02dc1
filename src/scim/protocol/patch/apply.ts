import { isJsonObject, type Json, type JsonObject } from '../../../common/index.js';
import { checkDocument } from '../document.js';
import { invalidValue } from '../errors.js';
import { sameJson } from '../json-equal.js';
import type { ResourceTypeDefinition } from '../schema/index.js';
import type { Tolerance } from '../tolerance.js';
import { readSubAttributes, readValue } from '../values.js';
import { applyMultiValued } from './multi-valued.js';
import { currentValue, setValue, withKey, type Draft } from './place.js';
import type { AttributeOperation } from './prepare.js';

/**
 * Applies the operations of {@link preparePatch} to a document, in order, all or none (RFC 7644 section 3.5.2). Pure:
 * the document itself is not altered. Answers the same object when nothing changed.
 *
 * @throws ScimError 400 invalidValue (type, required attribute, size), noTarget
 */
export function applyPatch(
  type: ResourceTypeDefinition,
  document: JsonObject,
  operations: readonly AttributeOperation[],
  tolerance: Tolerance,
): JsonObject {
  const draft: Draft = { ...document };
  for (const operation of operations) {
    if (operation.attribute.multiValued || operation.where) applyMultiValued(draft, operation, tolerance);
    else if (operation.sub) applySubAttribute(draft, operation, tolerance);
    else applySingleValued(draft, operation, tolerance);
  }
  // The default of `active` is true, so unassigning it would let a person in; it stays as it was.
  if (draft['active'] === undefined && document['active'] !== undefined) draft['active'] = document['active'];
  return sameJson(draft, document) ? document : checkDocument(type, draft);
}

function applySingleValued(draft: Draft, operation: AttributeOperation, tolerance: Tolerance): void {
  const { op, attribute, value: stated = null, at } = operation;
  if (op === 'remove') setValue(draft, operation, undefined);
  else if (attribute.type !== 'complex')
    setValue(draft, operation, readValue(attribute, stated, at, tolerance));
  else {
    const value = tolerance.value(attribute, stated);
    if (value === null) setValue(draft, operation, undefined);
    else if (isJsonObject(value)) setValue(draft, operation, merged(draft, operation, value, tolerance));
    else throw invalidValue(at, 'must be an object');
  }
}

/** RFC 7644 section 3.5.2.3: the sub-attributes stated replace or join those that are there; null takes one away. */
function merged(
  draft: Draft,
  operation: AttributeOperation,
  value: JsonObject,
  tolerance: Tolerance,
): Json | undefined {
  const { attribute, at } = operation;
  return readSubAttributes(attribute, value, at, tolerance).reduce<Json | undefined>(
    (present, { sub, value: read }) => withKey(present, sub.name, read),
    currentValue(draft, operation),
  );
}

function applySubAttribute(draft: Draft, operation: AttributeOperation, tolerance: Tolerance): void {
  const { op, sub, value: stated = null, at } = operation;
  if (sub === null) return;
  const value = op === 'remove' ? undefined : readValue(sub, stated, at, tolerance);
  setValue(draft, operation, withKey(currentValue(draft, operation), sub.name, value));
}
