import type { AttributeReference, Sort } from '../../../directory/index.js';
import {
  findAttribute,
  invalidValue,
  resolveName,
  type AttributeDefinition,
  type ResourceTypeDefinition,
} from '../../protocol/index.js';
import type { ListRequest } from './list-query.js';

/**
 * Translates an order into the directory's own terms (RFC 7644 section 3.4.2.3). An attribute that the schemas do not know is
 * one that no resource has. A complex one that has a `value` means that; a location is in the order of ids.
 *
 * @throws ScimError 400 invalidValue: a complex attribute by itself
 */
export function directorySort(
  type: ResourceTypeDefinition,
  { by, descending }: NonNullable<ListRequest['sort']>,
): Sort {
  const found = resolveName(type, by);
  if (found?.kind !== 'attribute') return { attribute: null, descending };
  const { extension, attribute, sub } = found;
  const prefix = extension ? [extension.id] : [];
  const multiValued = attribute.multiValued && !extension;
  const reference = (definition: AttributeDefinition, path: readonly string[]): AttributeReference => ({
    path: [...prefix, ...path],
    type: definition.type,
    caseExact: definition.caseExact,
    multiValued,
    single: !attribute.multiValued && !definition.multiValued,
  });
  const named = sub ?? attribute;
  if (attribute.name === 'schemas' || named.name === 'resourceType') return { attribute: null, descending };
  if (named.name === 'version' && attribute.name === 'meta')
    throw invalidValue('sortBy', 'meta.version has no order');
  if (named.name === 'location') return directorySort(type, { by: 'id', descending });
  if (named.type !== 'complex' && named.name !== '$ref') {
    const path = sub ? [attribute.name, sub.name] : [attribute.name];
    return { attribute: reference(named, path), descending };
  }
  const value = findAttribute(attribute.subAttributes, 'value');
  if (value === undefined)
    throw invalidValue('sortBy', `${by.slice(0, 200)} has sub-attributes: name one of them`);
  return { attribute: reference(value, [attribute.name, value.name]), descending };
}
