import type { AttributeReference, Query } from '../../directory/index.js';
import {
  badRequest,
  findAttribute,
  resolveName,
  typedLiteral,
  type AttributeDefinition,
  type Filter,
  type Name,
  type ResourceTypeDefinition,
} from '../protocol/index.js';

/** Where the names of a filter are looked up. */
interface Scope {
  /** Undefined for a name that the schemas do not know. */
  readonly find: (name: string) => Found | undefined;
  /** Inside `not`: there an unknown attribute would turn into everybody. */
  readonly negated: boolean;
}

interface Found {
  readonly reference: AttributeReference;
  /** The attribute that is compared. */
  readonly definition: AttributeDefinition;
}

/** Every resource has an id. */
const EVERYTHING: Query = {
  kind: 'present',
  attribute: { path: ['id'], type: 'string', caseExact: true, multiValued: false },
};

/**
 * Translates a filter into the directory's own terms: names resolved, values typed. An attribute that the schemas do not
 * know matches nothing.
 *
 * @throws ScimError 400 invalidFilter: types that do not fit, an unknown attribute inside `not`
 */
export function directoryQuery(type: ResourceTypeDefinition, filter: Filter): Query {
  return translate(filter, { find: (name) => findInResource(type, name), negated: false }, type);
}

function translate(filter: Filter, scope: Scope, type: ResourceTypeDefinition): Query {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, terms: filter.terms.map((term) => translate(term, scope, type)) };
    case 'not':
      return { kind: 'not', term: translate(filter.term, { ...scope, negated: !scope.negated }, type) };
    case 'present': {
      const found = lookUp(filter.attribute, scope);
      return found ? { kind: 'present', attribute: found.reference } : { kind: 'nothing' };
    }
    case 'some':
      return translateSome(filter, scope, type);
    case 'compare':
      return translateComparison(filter, scope, type);
  }
}

function translateSome(
  filter: Extract<Filter, { kind: 'some' }>,
  scope: Scope,
  type: ResourceTypeDefinition,
): Query {
  const found = lookUp(filter.attribute, scope);
  if (found === undefined) return { kind: 'nothing' };
  const { definition, reference } = found;
  if (definition.type !== 'complex') throw fault(filter.attribute, 'has no values to select from');
  // A single-valued complex attribute is its own only element: its sub-attributes are asked in place.
  const base = definition.multiValued ? [] : reference.path;
  const find = (name: string): Found | undefined => {
    const sub = findAttribute(definition.subAttributes, name);
    return sub && { definition: sub, reference: referenceOf([...base, sub.name], sub, false) };
  };
  const where = translate(filter.where, { find, negated: scope.negated }, type);
  return definition.multiValued ? { kind: 'some', attribute: reference, where } : where;
}

function translateComparison(
  filter: Extract<Filter, { kind: 'compare' }>,
  scope: Scope,
  type: ResourceTypeDefinition,
): Query {
  const found = lookUp(filter.attribute, scope);
  if (found === undefined) return { kind: 'nothing' };
  // RFC 7643 section 2.5: null is the same as unassigned, so this asks for presence.
  const present: Query = { kind: 'present', attribute: found.reference };
  if (filter.value === null && filter.operator === 'eq') return { kind: 'not', term: present };
  if (filter.value === null && filter.operator === 'ne') return present;
  const { reference, definition } = mainValue(found, filter.attribute);
  const literal = typedLiteral(definition, filter.operator, filter.value);
  if ('problem' in literal) throw fault(filter.attribute, literal.problem);
  const [first, second] = reference.path;
  if (first === 'meta' && second === 'resourceType') {
    return (literal.value === type.name) === (filter.operator === 'eq') ? EVERYTHING : { kind: 'nothing' };
  }
  return { kind: 'compare', attribute: reference, operator: filter.operator, value: literal.value };
}

/** A complex attribute that is compared means its `value` (PingOne asks for `emails eq`, Entra for `members eq`). */
function mainValue(found: Found, name: Name): Found {
  if (found.definition.type !== 'complex') return found;
  const value = findAttribute(found.definition.subAttributes, 'value');
  if (value === undefined) throw fault(name, 'has sub-attributes: name one of them');
  const { path, multiValued } = found.reference;
  return { definition: value, reference: referenceOf([...path, value.name], value, multiValued) };
}

function lookUp(name: Name, scope: Scope): Found | undefined {
  const found = scope.find(name.name);
  if (found === undefined && scope.negated) throw fault(name, 'is not known, and cannot be negated');
  return found;
}

function findInResource(type: ResourceTypeDefinition, name: string): Found | undefined {
  const found = resolveName(type, name);
  if (found?.kind !== 'attribute') return undefined;
  const { extension, attribute, sub } = found;
  const path = [...(extension ? [extension.id] : []), attribute.name, ...(sub ? [sub.name] : [])];
  // The directory asks whether the first name of the path has several values; an extension has not.
  return {
    definition: sub ?? attribute,
    reference: referenceOf(path, sub ?? attribute, attribute.multiValued && !extension),
  };
}

function referenceOf(
  path: readonly string[],
  { type, caseExact }: AttributeDefinition,
  multiValued: boolean,
): AttributeReference {
  return { path, type, caseExact, multiValued };
}

function fault({ name, position }: Name, problem: string) {
  return badRequest('invalidFilter', `filter, position ${position}: ${name.slice(0, 200)} ${problem}`);
}
