import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../common/index.js';
import { resourceTypeResources, schemaResources, serviceProviderConfig } from './discovery.js';
import { resolveName, resourceTypes, type ResolvedAttribute } from './schema/index.js';

const BASE = 'https://bridge.example/scim/v2';

/** Every value inside, by its path. */
function* leaves(value: Json, path = ''): Generator<[string, Json]> {
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* leaves(inner, `${path}.${key}`);
}

describe('discovery', () => {
  it('tells what is served, and no more [C14] [C15]', () => {
    expect(serviceProviderConfig(BASE)).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1_000, maxPayloadSize: 1_048_576 },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      authenticationSchemes: [{ type: 'oauthbearertoken' }],
    });
  });

  it('lists User and Group, whose schemas are all to be found [C16] [C17] [C23]', () => {
    const urns = schemaResources(BASE).map(({ id }) => id);
    const types = resourceTypeResources(BASE);
    expect(types.map(({ id, endpoint }) => [id, endpoint])).toEqual([
      ['User', '/Users'],
      ['Group', '/Groups'],
    ]);
    for (const { schema, schemaExtensions } of types) {
      expect(urns).toContain(schema);
      for (const extension of schemaExtensions as JsonObject[]) expect(urns).toContain(extension['schema']);
    }
  });

  it('describes all schemas, camelCase and without nulls [C18] [C19]', () => {
    const schemas = schemaResources(BASE);
    expect(schemas.map(({ name }) => name)).toEqual([
      'User',
      'EnterpriseUser',
      'CoderUser',
      'Group',
      'CoderGroup',
      'ServiceProviderConfig',
      'ResourceType',
      'Schema',
    ]);
    for (const [path, value] of leaves(schemas)) expect(value, path).not.toBeNull();
    for (const schema of schemas) {
      for (const { name } of schema['attributes'] as { name: string }[]) expect(name).toMatch(/^[a-z$]/);
    }
  });

  it('names the types of multi-valued attributes [C20]', () => {
    const [user] = schemaResources(BASE);
    expect(user?.['attributes']).toContainEqual(
      expect.objectContaining({
        name: 'emails',
        subAttributes: expect.arrayContaining([
          expect.objectContaining({ name: 'type', canonicalValues: ['work', 'home', 'other'] }),
        ]) as Json[],
      }),
    );
  });

  it('advertises what the code keeps: the definitions are the same [C21]', () => {
    for (const type of resourceTypes) {
      for (const schema of [type.schema, ...type.extensions]) {
        const shown = schemaResources(BASE).find(({ id }) => id === schema.id)?.['attributes'] as {
          name: string;
          mutability: string;
        }[];
        for (const { name, mutability } of shown) {
          expect((resolveName(type, `${schema.id}:${name}`) as ResolvedAttribute).attribute).toMatchObject({
            name,
            mutability,
          });
        }
      }
    }
  });
});
