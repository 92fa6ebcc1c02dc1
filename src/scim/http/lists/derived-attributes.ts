import type { AttributeReference, ComparisonOperator, Query } from '../../../directory/index.js';
import { fold } from '../../../common/index.js';
import {
  holds,
  resourceTypes,
  type AttributeDefinition,
  type ResourceTypeDefinition,
} from '../../protocol/index.js';

/** What the bridge's own attributes are made from. */
interface Origin {
  readonly type: ResourceTypeDefinition;
  /** URL of the SCIM root, without a slash at its end. */
  readonly base: string;
}

/** Why a comparison cannot be made. */
interface Problem {
  readonly problem: string;
}

const ID: AttributeReference = { path: ['id'], type: 'string', caseExact: true, multiValued: false };

/** Every resource has an id. */
const EVERYTHING: Query = { kind: 'present', attribute: ID };
const NOTHING: Query = { kind: 'nothing' };

/**
 * A comparison with an attribute that is made when a resource is shown, and so is not stored: `schemas`, `meta.resourceType`,
 * `meta.location`, and the `$ref` of groups, members and managers.
 *
 * @returns undefined for any other attribute; a problem for a comparison that cannot be made
 */
export function derivedComparison(
  reference: AttributeReference,
  definition: AttributeDefinition,
  operator: ComparisonOperator,
  value: string,
  { type, base }: Origin,
): Query | Problem | undefined {
  switch (reference.path.join('.')) {
    case 'schemas':
      return schemasCompare(type, operator, value);
    case 'meta.resourceType':
      return holds(operator, type.name, value) ? EVERYTHING : NOTHING;
    case 'meta.version':
      return { problem: 'tells answers apart, and cannot be searched' };
    case 'meta.location':
      return urlCompare(ID, `${base}${type.endpoint}/`, operator, value);
  }
  if (definition.name !== '$ref') return undefined;
  const target = resourceTypes.find(({ name }) => definition.referenceTypes?.includes(name));
  return target && urlCompare(besides(reference), `${base}${target.endpoint}/`, operator, value);
}

/** As {@link derivedComparison}, for `pr`. */
export function derivedPresence(reference: AttributeReference): Query | undefined {
  if (reference.path.at(-1) === '$ref') return { kind: 'present', attribute: besides(reference) };
  return reference.path[0] === 'schemas' ? EVERYTHING : undefined;
}

/** The core schema is always there, an extension where the resource holds data of it. URNs have no case. */
function schemasCompare(type: ResourceTypeDefinition, operator: ComparisonOperator, value: string): Query {
  if (holds(operator, fold(type.schema.id), fold(value))) return EVERYTHING;
  const terms = type.extensions
    .filter(({ id }) => holds(operator, fold(id), fold(value)))
    .map(({ id }) => presenceOf(id));
  return { kind: 'or', terms };
}

function presenceOf(extension: string): Query {
  return {
    kind: 'present',
    attribute: { path: [extension], type: 'complex', caseExact: false, multiValued: false },
  };
}

/** The URL of a resource ends with its id, which is what is stored. */
function urlCompare(
  id: AttributeReference,
  prefix: string,
  operator: ComparisonOperator,
  value: string,
): Query | Problem {
  if (operator !== 'eq' && operator !== 'ne') return { problem: 'can be compared with eq and ne only' };
  if (value.startsWith(prefix)) {
    return { kind: 'compare', attribute: id, operator, value: value.slice(prefix.length) };
  }
  return operator === 'eq' ? NOTHING : { kind: 'present', attribute: id };
}

/** `value`, which stands beside a `$ref`. */
function besides(reference: AttributeReference): AttributeReference {
  return {
    path: [...reference.path.slice(0, -1), 'value'],
    type: 'string',
    caseExact: true,
    multiValued: reference.multiValued,
    single: reference.single ?? false,
  };
}
