import type { JsonObject } from '../../common/index.js';
import { LIMITS } from './limits.js';
import {
  resourceTypes,
  schemas,
  type AttributeDefinition,
  type ResourceTypeDefinition,
  type SchemaDefinition,
} from './schema/index.js';
import { RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA, SERVICE_PROVIDER_CONFIG_SCHEMA } from './urns.js';

/** `/ServiceProviderConfig` (RFC 7643 section 5). Clients such as authentik choose their verbs by it: it tells the truth. */
export function serviceProviderConfig(base: string): JsonObject {
  return {
    schemas: [SERVICE_PROVIDER_CONFIG_SCHEMA],
    patch: { supported: true },
    bulk: {
      supported: true,
      maxOperations: LIMITS.bulkOperations,
      maxPayloadSize: LIMITS.bulkBytes,
    },
    filter: { supported: true, maxResults: LIMITS.maxPage },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    // RFC 9865 section 4. What a client does not ask for otherwise is paged as it always was.
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: LIMITS.defaultPage,
      maxPageSize: LIMITS.maxPage,
      cursorTimeout: LIMITS.cursorSeconds,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token of the connection in the Authorization header.',
        specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

/** All of `/ResourceTypes` (RFC 7643 section 6). */
export function resourceTypeResources(base: string): JsonObject[] {
  return resourceTypes.map((type) => resourceTypeResource(type, base));
}

/** All of `/Schemas` (RFC 7643 section 7). */
export function schemaResources(base: string): JsonObject[] {
  return schemas.map((schema) => schemaResource(schema, base));
}

function resourceTypeResource(type: ResourceTypeDefinition, base: string): JsonObject {
  return {
    schemas: [RESOURCE_TYPE_SCHEMA],
    id: type.name,
    name: type.name,
    description: type.description,
    endpoint: type.endpoint,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.name}` },
  };
}

function schemaResource({ id, name, description, attributes }: SchemaDefinition, base: string): JsonObject {
  return {
    schemas: [SCHEMA_SCHEMA],
    id,
    name,
    description,
    attributes: attributes.map(attributeResource),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  };
}

function attributeResource(attribute: AttributeDefinition): JsonObject {
  const { canonicalValues, referenceTypes, subAttributes } = attribute;
  return {
    name: attribute.name,
    type: attribute.type,
    multiValued: attribute.multiValued,
    description: attribute.description,
    required: attribute.required,
    ...(canonicalValues ? { canonicalValues } : {}),
    caseExact: attribute.caseExact,
    mutability: attribute.mutability,
    returned: attribute.returned,
    uniqueness: attribute.uniqueness,
    ...(referenceTypes ? { referenceTypes } : {}),
    ...(subAttributes ? { subAttributes: subAttributes.map(attributeResource) } : {}),
  };
}
