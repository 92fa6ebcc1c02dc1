import type { AttributeReference, Query } from '../../../directory/index.js';
import {
  badRequest,
  findAttribute,
  resolveName,
  resourceTypes,
  typedLiteral,
  type AttributeDefinition,
  type Filter,
  type Name,
  type ResourceTypeDefinition,
} from '../../protocol/index.js';
import { derivedComparison, derivedPresence } from './derived-attributes.js';

/** Where the names of a filter are looked up. */
interface Scope {
  /** Undefined for a name that the schemas do not know. */
  readonly find: (name: string) => Found | undefined;
  /** Inside `not`: there an unknown attribute would turn into everybody. */
  readonly negated: boolean;
  /** Whether another type of resource that is searched as well knows a name. */
  readonly elsewhere: (name: string) => boolean;
  readonly type: ResourceTypeDefinition;
  readonly base: string;
}

interface Found {
  readonly reference: AttributeReference;
  /** The attribute that is compared. */
  readonly definition: AttributeDefinition;
}

/**
 * Translates a filter into the directory's own terms: names resolved, values typed. An attribute that the schemas do not
 * know matches nothing.
 *
 * @param base URL of the SCIM root, without a slash at its end: locations are compared with it. '' where none is asked for
 * @param mixed whether other types of resources are searched too: then an attribute of theirs is one without a value here,
 * inside `not` as well (RFC 7644 section 3.4.2.1)
 * @throws ScimError 400 invalidFilter: types that do not fit, an unknown attribute inside `not`
 */
export function directoryQuery(
  type: ResourceTypeDefinition,
  filter: Filter,
  base = '',
  mixed = false,
): Query {
  const elsewhere = (name: string) => mixed && resourceTypes.some((other) => resolveName(other, name));
  return translate(filter, {
    find: (name) => findInResource(type, name),
    negated: false,
    elsewhere,
    type,
    base,
  });
}

function translate(filter: Filter, scope: Scope): Query {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, terms: filter.terms.map((term) => translate(term, scope)) };
    case 'not':
      return { kind: 'not', term: translate(filter.term, { ...scope, negated: !scope.negated }) };
    case 'present': {
      const found = lookUp(filter.attribute, scope);
      if (found === undefined) return { kind: 'nothing' };
      return derivedPresence(found.reference) ?? { kind: 'present', attribute: found.reference };
    }
    case 'some':
      return translateSome(filter, scope);
    case 'compare':
      return translateComparison(filter, scope);
  }
}

function translateSome(filter: Extract<Filter, { kind: 'some' }>, scope: Scope): Query {
  const found = lookUp(filter.attribute, scope);
  if (found === undefined) return { kind: 'nothing' };
  const { definition, reference } = found;
  if (definition.type !== 'complex') throw fault(filter.attribute, 'has no values to select from');
  // A single-valued complex attribute is its own only element: its sub-attributes are asked in place.
  const base = definition.multiValued ? [] : reference.path;
  const find = (name: string): Found | undefined => {
    const sub = findAttribute(definition.subAttributes, name);
    if (sub === undefined) return undefined;
    return { definition: sub, reference: referenceOf([...base, sub.name], sub, false, !sub.multiValued) };
  };
  const where = translate(filter.where, { ...scope, find, elsewhere: () => false });
  return definition.multiValued ? { kind: 'some', attribute: reference, where } : where;
}

function translateComparison(filter: Extract<Filter, { kind: 'compare' }>, scope: Scope): Query {
  const found = lookUp(filter.attribute, scope);
  if (found === undefined) return { kind: 'nothing' };
  // RFC 7643 section 2.5: null is the same as unassigned, so this asks for presence.
  const present = derivedPresence(found.reference) ?? {
    kind: 'present',
    attribute: found.reference,
  };
  if (filter.value === null && filter.operator === 'eq') return { kind: 'not', term: present };
  if (filter.value === null && filter.operator === 'ne') return present;
  const { reference, definition } = mainValue(found, filter.attribute);
  const literal = typedLiteral(definition, filter.operator, filter.value);
  if ('problem' in literal) throw fault(filter.attribute, literal.problem);
  const { operator } = filter;
  const { value } = literal;
  const derived =
    typeof value === 'string' && derivedComparison(reference, definition, operator, value, scope);
  if (derived && 'problem' in derived) throw fault(filter.attribute, derived.problem);
  if (derived) return derived;
  if (definition.name === 'primary' && typeof value === 'boolean') {
    // RFC 7643 section 2.4: a primary that is not stated is false.
    const isPrimary = (operator === 'eq') === value;
    return { kind: 'compare', attribute: reference, operator: isPrimary ? 'eq' : 'ne', value: true };
  }
  return { kind: 'compare', attribute: reference, operator, value };
}

/** A complex attribute that is compared means its `value` (PingOne asks for `emails eq`, Entra for `members eq`). */
function mainValue(found: Found, name: Name): Found {
  if (found.definition.type !== 'complex') return found;
  const value = findAttribute(found.definition.subAttributes, 'value');
  if (value === undefined) throw fault(name, 'has sub-attributes: name one of them');
  const { path, multiValued, single = false } = found.reference;
  return { definition: value, reference: referenceOf([...path, value.name], value, multiValued, single) };
}

function lookUp(name: Name, scope: Scope): Found | undefined {
  const found = scope.find(name.name);
  if (found === undefined && scope.negated && !scope.elsewhere(name.name))
    throw fault(name, 'is not known, and cannot be negated');
  return found;
}

function findInResource(type: ResourceTypeDefinition, name: string): Found | undefined {
  const found = resolveName(type, name);
  if (found?.kind !== 'attribute') return undefined;
  const { extension, attribute, sub } = found;
  const path = [...(extension ? [extension.id] : []), attribute.name, ...(sub ? [sub.name] : [])];
  // The directory asks whether the first name of the path has several values; an extension has not.
  const named = sub ?? attribute;
  const single = !attribute.multiValued && !named.multiValued;
  return {
    definition: named,
    reference: referenceOf(path, named, attribute.multiValued && !extension, single),
  };
}

function referenceOf(
  path: readonly string[],
  { type, caseExact }: AttributeDefinition,
  multiValued: boolean,
  single: boolean,
): AttributeReference {
  return { path, type, caseExact, multiValued, single };
}

function fault({ name, position }: Name, problem: string) {
  return badRequest('invalidFilter', `filter, position ${position}: ${name.slice(0, 200)} ${problem}`);
}
