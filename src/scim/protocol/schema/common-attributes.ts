import { LIMITS } from '../limits.js';
import { attribute, complex, type AttributeDefinition } from './definition.js';

/** RFC 7643 section 3.1: attributes of every resource. They belong to no schema and so are not shown in `/Schemas`. */
export const commonAttributes: readonly AttributeDefinition[] = [
  attribute('schemas', 'reference', 'URNs of the schemas of which the resource holds data.', {
    multiValued: true,
    mutability: 'readOnly',
    returned: 'always',
  }),
  attribute('id', 'string', "The bridge's identifier of the resource.", {
    mutability: 'readOnly',
    returned: 'always',
    caseExact: true,
    uniqueness: 'global',
  }),
  attribute('externalId', 'string', "The client's identifier of the resource.", {
    caseExact: true,
    maxLength: LIMITS.indexedString,
  }),
  complex(
    'meta',
    'Facts about the resource.',
    [
      attribute('resourceType', 'string', 'The resource type.', { mutability: 'readOnly', caseExact: true }),
      attribute('created', 'dateTime', 'When the resource was made.', { mutability: 'readOnly' }),
      attribute('lastModified', 'dateTime', 'When the resource was last changed.', {
        mutability: 'readOnly',
      }),
      attribute('location', 'reference', "The resource's URI.", { mutability: 'readOnly' }),
      attribute('version', 'string', "The resource's version.", { mutability: 'readOnly', caseExact: true }),
    ],
    { mutability: 'readOnly' },
  ),
];
