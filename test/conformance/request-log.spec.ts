import { describe, expect, it, vi } from 'vitest';
import type { RequestEntry } from '../../src/request-log/index.js';
import { patchOp, useBridge, userBody } from '../support/bridge.js';

describe('the request log', () => {
  const bridge = useBridge();
  /** The requests that the admin API shows, as soon as there are `count`. */
  const requests = (query: string, count: number): Promise<RequestEntry[]> =>
    vi.waitFor(
      async () => {
        const { body } = await bridge.admin.get(`/api/v1/requests${query}`);
        expect(body.requests).toHaveLength(count);
        return body.requests as RequestEntry[];
      },
      { timeout: 20_000, interval: 50 },
    );

  it('shows what was asked, by whom, and what it was answered, without a word of a person', async () => {
    const id = await bridge.scim.postUser('ada@corp.example', { password: 'x7Gq-not-yours' });
    await bridge.scim.request('POST', '/Users', userBody('ADA@corp.example'));
    await bridge.scim.request(
      'PATCH',
      `/Users/${id}`,
      patchOp({ op: 'Replace', path: 'active', value: 'False' }),
    );
    await bridge.scim.get('/Users?filter=userName eq "ada@corp.example"&count=2');
    await bridge.scim.get('/Users?filter=userName nonsense "ada@corp.example"');
    await bridge.scim.request('POST', '/Users', '{"userName": "ada@corp.example",');
    await bridge.scim.get('/nothing/ada@corp.example');
    await fetch(`${bridge.scim.base}/Users/${id}`, { headers: { 'user-agent': 'Okta SCIM Client 1.0.0' } });

    const all = await requests('', 8);
    expect(JSON.stringify(all)).not.toMatch(/ada@|x7Gq|The ada/i);
    expect(all.map(({ method, status, scimType }) => [method, status, scimType]).toReversed()).toEqual([
      ['POST', 201, null],
      ['POST', 409, 'uniqueness'],
      ['PATCH', 200, null],
      ['GET', 200, null],
      ['GET', 400, 'invalidFilter'],
      ['POST', 400, 'invalidSyntax'],
      ['GET', 404, null],
      ['GET', 401, null],
    ]);
    const [nobody, nowhere, , , lookup, patch, conflict, created] = all;
    expect(created).toMatchObject({
      connection: 'default',
      who: 'SCIM_TOKEN',
      path: '/scim/v2/Users',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}-\d+$/) as string,
      body: {
        userName: '[redacted]',
        active: true,
        password: '[secret]',
        emails: [{ type: 'work', primary: true }],
      },
    });
    expect(conflict?.detail).toMatch(/userName is taken/);
    expect(patch).toMatchObject({
      path: `/scim/v2/Users/${id}`,
      body: { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] },
    });
    expect(lookup).toMatchObject({ filter: 'userName eq "?"', path: '/scim/v2/Users?count=2', body: null });
    expect(nowhere?.path).toBe('/scim/v2/[redacted]/[redacted]');
    expect(nobody).toMatchObject({ who: null, requestId: null, userAgent: 'Okta SCIM Client 1.0.0' });
    for (const { ms, at } of all) {
      expect(ms).toBeGreaterThan(0);
      expect(Math.abs(Date.now() - Date.parse(String(at)))).toBeLessThan(60_000);
    }

    expect(await requests('?status=4xx', 5)).toHaveLength(5);
    expect(await requests('?status=409&connection=default&since=1h', 1)).toEqual([conflict]);
    expect(await requests(`?after=${nowhere?.id ?? 0}`, 1)).toEqual([nobody]);
    expect(await requests('?connection=other', 0)).toEqual([]);
    expect((await bridge.admin.get('/api/v1/requests?status=bad')).status).toBe(400);
  });
});

describe('a request log without days', () => {
  const bridge = useBridge({ env: { REQUEST_LOG_DAYS: '0' } });

  it('keeps nothing', async () => {
    await bridge.scim.postUser('ada');
    // Longer than it would take to be written: the last use of the token is written after it.
    await vi.waitFor(
      async () => {
        const { body } = await bridge.admin.get('/api/v1/tokens');
        expect(body.tokens[0].lastUsedAt).toEqual(expect.any(String));
      },
      { timeout: 20_000, interval: 50 },
    );
    expect((await bridge.admin.get('/api/v1/requests')).body.requests).toEqual([]);
  });
});

describe('a request log that cannot be written', () => {
  const bridge = useBridge();

  it('delays no request and fails none', async () => {
    await bridge.database.query('ALTER TABLE bridge.requests RENAME TO requests_away');
    for (let n = 0; n < 20; n++) await bridge.scim.postUser(`user-${n}`);
    expect((await bridge.scim.get('/Users?count=0')).body.totalResults).toBe(20);
    await bridge.database.query('ALTER TABLE bridge.requests_away RENAME TO requests');
    await vi.waitFor(
      async () =>
        expect((await bridge.admin.get('/api/v1/requests')).body.requests.length).toBeGreaterThanOrEqual(20),
      { timeout: 30_000, interval: 100 },
    );
  });
});
