import { describe, expect, it } from 'vitest';
import { useBridge } from './support/bridge.js';

/** An attribute as `/Schemas` describes it. */
interface Described {
  readonly name: string;
  readonly subAttributes?: readonly Described[];
}

describe('discovery', () => {
  const held = useBridge();

  it('tells of the service [C14] [C15]', async () => {
    const { status, body } = await held.bridge.get('/ServiceProviderConfig');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1_000, maxPayloadSize: 1_048_576 },
      sort: { supported: true },
      etag: { supported: true },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      authenticationSchemes: [{ type: 'oauthbearertoken' }],
    });
  });

  it('describes every part of what it tells of the service [C14]', async () => {
    const { body } = await held.bridge.get('/ServiceProviderConfig');
    const { attributes } = (await held.bridge.get(`/Schemas/${body.schemas[0]}`)).body;
    const described = new Map((attributes as Described[]).map((one) => [one.name, one]));
    for (const [name, value] of Object.entries<object>(body)) {
      if (name === 'schemas' || name === 'meta') continue;
      const names = described.get(name)?.subAttributes?.map((sub) => sub.name);
      const [part] = Array.isArray(value) ? value : [value];
      expect(names, name).toEqual(expect.arrayContaining(Object.keys(part)));
    }
  });

  it('resolves each resource type and schema that is named, and no other [C16] [C17]', async () => {
    const { body } = await held.bridge.get('/ResourceTypes');
    expect(body.totalResults).toBe(2);
    for (const type of body.Resources) {
      expect((await held.bridge.get(`/ResourceTypes/${type.id}`)).body).toEqual(type);
      for (const urn of [
        type.schema,
        ...type.schemaExtensions.map(({ schema }: { schema: string }) => schema),
      ]) {
        expect((await held.bridge.get(`/Schemas/${urn}`)).body.id).toBe(urn);
      }
    }
    expect((await held.bridge.get('/ResourceTypes/Device')).status).toBe(404);
    expect((await held.bridge.get('/Schemas/urn:none')).status).toBe(404);
  });

  it('resolves each schema it lists [C18] [C19]', async () => {
    const { body } = await held.bridge.get('/Schemas');
    expect(body.totalResults).toBe(8);
    for (const schema of body.Resources) {
      expect((await held.bridge.get(`/Schemas/${schema.id}`)).body).toEqual(schema);
      expect((await held.bridge.get(`/Schemas/${encodeURIComponent(schema.id)}`)).body).toEqual(schema);
    }
  });

  it.each(['/ServiceProviderConfig', '/ResourceTypes', '/Schemas'])(
    'refuses a filter on %s [C22]',
    async (path) => {
      expect((await held.bridge.get(`${path}?filter=id%20pr`)).status).toBe(403);
    },
  );
});
