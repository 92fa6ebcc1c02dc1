import { describe, expect, it } from 'vitest';
import { useBridge } from '../support/bridge.js';

/** What Entra ID's gallery asks of one tenant, requests a second, and for how long its load is kept up here. */
const PER_SECOND = 25;
const SECONDS = 20;

describe('a connection with the default limits', () => {
  const bridge = useBridge();

  it('never meets a 429 at 25 requests a second, though twenty seconds of them come at once [C11]', async () => {
    const { scim } = bridge;
    const id = await scim.postUser('busy');
    const requests = Array.from({ length: PER_SECOND * SECONDS }, (_, i) =>
      i % 2 === 0 ? scim.get('/Users?filter=userName+eq+"busy"') : scim.get(`/Users/${id}`),
    );
    const statuses = (await Promise.all(requests)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});
