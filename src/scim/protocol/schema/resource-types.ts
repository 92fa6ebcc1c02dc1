import { coderGroupSchema } from './coder-group.js';
import { coderUserSchema } from './coder-user.js';
import type { ResourceTypeDefinition, SchemaDefinition } from './definition.js';
import { enterpriseUserSchema } from './enterprise-user.js';
import { groupSchema } from './group.js';
import { resourceTypeSchema, schemaSchema, serviceProviderConfigSchema } from './service-schemas.js';
import { userSchema } from './user.js';

export const userType: ResourceTypeDefinition = {
  name: 'User',
  endpoint: '/Users',
  description: 'User Account',
  schema: userSchema,
  extensions: [enterpriseUserSchema, coderUserSchema],
};

export const groupType: ResourceTypeDefinition = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'Group',
  schema: groupSchema,
  extensions: [coderGroupSchema],
};

/** What `/ResourceTypes` lists. */
export const resourceTypes: readonly ResourceTypeDefinition[] = [userType, groupType];

/** What `/Schemas` lists. */
export const schemas: readonly SchemaDefinition[] = [
  userSchema,
  enterpriseUserSchema,
  coderUserSchema,
  groupSchema,
  coderGroupSchema,
  serviceProviderConfigSchema,
  resourceTypeSchema,
  schemaSchema,
];
