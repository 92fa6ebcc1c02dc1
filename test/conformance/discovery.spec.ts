import { describe, expect, it } from 'vitest';
import { useBridge } from './support/bridge.js';

describe('discovery', () => {
  const held = useBridge();

  it('(14) (15) tells of the service', async () => {
    const { status, body } = await held.bridge.get('/ServiceProviderConfig');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1_000, maxPayloadSize: 1_048_576 },
      sort: { supported: false },
      etag: { supported: true },
    });
  });

  it('(16) (17) resolves each resource type and schema that is named, and no other', async () => {
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

  it('(18) (19) resolves each schema it lists', async () => {
    const { body } = await held.bridge.get('/Schemas');
    expect(body.totalResults).toBe(8);
    for (const schema of body.Resources) {
      expect((await held.bridge.get(`/Schemas/${schema.id}`)).body).toEqual(schema);
      expect((await held.bridge.get(`/Schemas/${encodeURIComponent(schema.id)}`)).body).toEqual(schema);
    }
  });

  it.each(['/ServiceProviderConfig', '/ResourceTypes', '/Schemas'])(
    '(22) refuses a filter on %s',
    async (path) => {
      expect((await held.bridge.get(`${path}?filter=id%20pr`)).status).toBe(403);
    },
  );
});
