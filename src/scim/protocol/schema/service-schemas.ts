import { RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA, SERVICE_PROVIDER_CONFIG_SCHEMA } from '../urns.js';
import {
  attribute,
  complex,
  type AttributeDefinition,
  type AttributeType,
  type SchemaDefinition,
} from './definition.js';

const READ_ONLY = { mutability: 'readOnly' } as const;

function fact(name: string, type: AttributeType, description: string, required = true): AttributeDefinition {
  return attribute(name, type, description, { ...READ_ONLY, required });
}

function facts(
  name: string,
  description: string,
  subAttributes: readonly AttributeDefinition[],
  options: Partial<AttributeDefinition> = {},
): AttributeDefinition {
  return complex(name, description, subAttributes, { ...READ_ONLY, required: true, ...options });
}

const supported = fact('supported', 'boolean', 'Whether it is supported.');

/** RFC 7643 section 5. */
export const serviceProviderConfigSchema: SchemaDefinition = {
  id: SERVICE_PROVIDER_CONFIG_SCHEMA,
  name: 'ServiceProviderConfig',
  description: 'What this service provider supports',
  attributes: [
    attribute('documentationUri', 'reference', 'The documentation for people.', {
      ...READ_ONLY,
      referenceTypes: ['external'],
    }),
    facts('patch', 'PATCH.', [supported]),
    facts('bulk', 'Bulk operations.', [
      supported,
      fact('maxOperations', 'integer', 'The most operations in a request.'),
      fact('maxPayloadSize', 'integer', 'The largest request, bytes.'),
    ]),
    facts('filter', 'Filters.', [
      supported,
      fact('maxResults', 'integer', 'The most resources in an answer.'),
    ]),
    facts('changePassword', 'Changing passwords.', [supported]),
    facts('sort', 'Sorting.', [supported]),
    facts('etag', 'Entity tags.', [supported]),
    facts(
      'pagination',
      'How lists are paged (RFC 9865 section 4).',
      [
        fact('cursor', 'boolean', 'Whether by cursors.'),
        fact('index', 'boolean', 'Whether by indexes.'),
        attribute('defaultPaginationMethod', 'string', 'What holds where a client does not choose.', {
          ...READ_ONLY,
          canonicalValues: ['cursor', 'index'],
        }),
        fact('defaultPageSize', 'integer', 'Resources on a page where no count is given.', false),
        fact('maxPageSize', 'integer', 'The most resources on a page.', false),
        fact('cursorTimeout', 'integer', 'Seconds for which a cursor is good.', false),
      ],
      { required: false },
    ),
    facts(
      'authenticationSchemes',
      'How clients authenticate.',
      [
        fact('type', 'string', 'The kind of scheme.'),
        fact('name', 'string', 'Its name.'),
        fact('description', 'string', 'What it is.'),
        attribute('specUri', 'reference', 'Its specification.', {
          ...READ_ONLY,
          referenceTypes: ['external'],
        }),
        attribute('documentationUri', 'reference', 'Its documentation.', {
          ...READ_ONLY,
          referenceTypes: ['external'],
        }),
        fact('primary', 'boolean', 'Whether it is preferred.', false),
      ],
      { multiValued: true },
    ),
  ],
};

/** RFC 7643 section 6. */
export const resourceTypeSchema: SchemaDefinition = {
  id: RESOURCE_TYPE_SCHEMA,
  name: 'ResourceType',
  description: 'A type of resource',
  attributes: [
    fact('id', 'string', 'The identifier of the resource type.', false),
    fact('name', 'string', 'Its name.'),
    fact('description', 'string', 'What it is.', false),
    attribute('endpoint', 'reference', 'Where its resources are, relative to the base.', {
      ...READ_ONLY,
      required: true,
      referenceTypes: ['uri'],
    }),
    attribute('schema', 'reference', 'The URN of its schema.', {
      ...READ_ONLY,
      required: true,
      referenceTypes: ['uri'],
    }),
    facts(
      'schemaExtensions',
      'Its extensions.',
      [
        attribute('schema', 'reference', "The URN of the extension's schema.", {
          ...READ_ONLY,
          required: true,
          referenceTypes: ['uri'],
        }),
        fact('required', 'boolean', 'Whether a resource must have it.'),
      ],
      { multiValued: true, required: false },
    ),
  ],
};

/** Characteristics of an attribute, RFC 7643 section 7; sub-attributes have the same. */
function characteristics(): AttributeDefinition[] {
  return [
    fact('name', 'string', 'The name.'),
    attribute('type', 'string', 'The data type.', {
      ...READ_ONLY,
      required: true,
      canonicalValues: [
        'string',
        'complex',
        'boolean',
        'decimal',
        'integer',
        'dateTime',
        'reference',
        'binary',
      ],
    }),
    fact('multiValued', 'boolean', 'Whether there may be several values.'),
    fact('description', 'string', 'What it is.', false),
    fact('required', 'boolean', 'Whether it must be there.', false),
    attribute('canonicalValues', 'string', 'Values that are suggested.', { ...READ_ONLY, multiValued: true }),
    fact('caseExact', 'boolean', 'Whether case matters.', false),
    attribute('mutability', 'string', 'Whether and when it can be written.', {
      ...READ_ONLY,
      canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
    }),
    attribute('returned', 'string', 'When it is returned.', {
      ...READ_ONLY,
      canonicalValues: ['always', 'never', 'default', 'request'],
    }),
    attribute('uniqueness', 'string', 'Among what it is unique.', {
      ...READ_ONLY,
      canonicalValues: ['none', 'server', 'global'],
    }),
    attribute('referenceTypes', 'string', 'What a reference may refer to.', {
      ...READ_ONLY,
      multiValued: true,
    }),
  ];
}

/** RFC 7643 section 7. */
export const schemaSchema: SchemaDefinition = {
  id: SCHEMA_SCHEMA,
  name: 'Schema',
  description: 'A schema',
  attributes: [
    fact('id', 'string', 'The URN of the schema.'),
    fact('name', 'string', 'Its name.', false),
    fact('description', 'string', 'What it is.', false),
    facts(
      'attributes',
      'Its attributes.',
      [
        ...characteristics(),
        facts('subAttributes', 'The sub-attributes of a complex attribute.', characteristics(), {
          multiValued: true,
          required: false,
        }),
      ],
      { multiValued: true },
    ),
  ],
};
