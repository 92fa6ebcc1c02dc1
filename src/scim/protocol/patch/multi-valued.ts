import { isJsonArray, isJsonObject, type Json } from '../../../common/index.js';
import { badRequest } from '../errors.js';
import { matches } from '../filter/index.js';
import type { Tolerance } from '../tolerance.js';
import { checkCount, readValue, singlePrimary } from '../values.js';
import { elementFrom } from './derive.js';
import { addElements, removeElements } from './elements.js';
import { currentValue, setValue, withKey, type Draft } from './place.js';
import type { AttributeOperation } from './prepare.js';

/**
 * Applies an operation to a multi-valued attribute, or to the values that a filter selects; a single-valued complex
 * attribute (`manager[value eq "…"]`) counts as a list of at most one.
 *
 * @throws ScimError 400 invalidValue, noTarget
 */
export function applyMultiValued(draft: Draft, operation: AttributeOperation, tolerance: Tolerance): void {
  const { attribute, at } = operation;
  const before = listOf(currentValue(draft, operation));
  const after = changed(before, operation, tolerance);
  checkCount(after, at);
  if (!attribute.multiValued) return setValue(draft, operation, after[0]);
  const old = new Set(before);
  const settled = singlePrimary(after, (element) => !old.has(element));
  setValue(draft, operation, settled.length === 0 ? undefined : settled);
}

function changed(
  before: readonly Json[],
  operation: AttributeOperation,
  tolerance: Tolerance,
): readonly Json[] {
  if (operation.where) {
    return operation.sub
      ? changeSubOfSelected(before, operation, tolerance)
      : changeSelected(before, operation, tolerance);
  }
  if (operation.sub) return changeSubOfAll(before, operation, tolerance);
  const { op, value, attribute, at } = operation;
  if (op === 'remove' && (value === undefined || value === null)) return [];
  const stated = listOf(readValue(attribute, value ?? null, at, tolerance));
  if (op === 'replace') return stated;
  return op === 'add' ? addElements(before, stated) : removeElements(before, stated);
}

/** `emails.value`: the sub-attribute of every value; of a new one when there is none. */
function changeSubOfAll(
  before: readonly Json[],
  operation: AttributeOperation,
  tolerance: Tolerance,
): Json[] {
  const value = subValue(operation, tolerance);
  const name = operation.sub?.name ?? '';
  const targets = before.length === 0 && value !== undefined ? [{}] : before;
  return targets.flatMap((element) => withKey(element, name, value) ?? []);
}

/** `emails[type eq "work"].value`. */
function changeSubOfSelected(
  before: readonly Json[],
  operation: AttributeOperation,
  tolerance: Tolerance,
): Json[] {
  const value = subValue(operation, tolerance);
  const name = operation.sub?.name ?? '';
  let found = false;
  const after = before.flatMap((element) => {
    if (!isSelected(operation, element)) return [element];
    found = true;
    return withKey(element, name, value) ?? [];
  });
  if (found || value === undefined) return after;
  return [...after, { ...newElement(operation, tolerance), [name]: value }];
}

/** `addresses[type eq "work"]`: whole values. Removing what is not there is no error. */
function changeSelected(
  before: readonly Json[],
  operation: AttributeOperation,
  tolerance: Tolerance,
): Json[] {
  const { op, attribute, value: stated = null, at } = operation;
  const [value] = op === 'remove' ? [] : listOf(readValue(attribute, stated, at, tolerance));
  if (!isJsonObject(value))
    return op === 'add' ? [...before] : before.filter((element) => !isSelected(operation, element));
  let found = false;
  const after = before.map((element) => {
    if (!isSelected(operation, element)) return element;
    found = true;
    // A replacement keeps what it was selected by (its type), or it could not be selected again.
    const base = op === 'add' && isJsonObject(element) ? element : elementFrom(operation, tolerance);
    return { ...base, ...value };
  });
  return found ? after : [...after, { ...newElement(operation, tolerance), ...value }];
}

/**
 * A value that the filter would select, for an operation that found none. The RFC has noTarget there (section 3.5.2.3);
 * Entra sets a person's first work email by exactly this operation and cannot go on without it.
 */
function newElement(operation: AttributeOperation, tolerance: Tolerance): Record<string, Json> {
  const element = tolerance.permits('pathCreatesValue') ? elementFrom(operation, tolerance) : undefined;
  if (element === undefined)
    throw badRequest('noTarget', `${operation.at}: the filter of the path selects no value`);
  return element;
}

function isSelected({ where, attribute }: AttributeOperation, element: Json): boolean {
  return where !== undefined && matches(where, attribute, element);
}

function subValue({ op, sub, value = null, at }: AttributeOperation, tolerance: Tolerance): Json | undefined {
  return op === 'remove' || sub === null ? undefined : readValue(sub, value, at, tolerance);
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return isJsonArray(value) ? value : [value];
}
