import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeKey, TestIssuer } from '../../test/support/jwt-issuer.js';
import type { ConnectionConfig } from '../config/index.js';
import { Access } from './access.js';
import { connectionConfig } from '../../test/support/connection-config.js';
import { Connections } from './connections.js';

let now = 1_000;
const clock = { now: () => Date.now(), monotonic: () => now };

const config = connectionConfig;

/** Tokens `a` and `b` belong to the connections of these names. Notes who asked as a suspect. */
const suspects: string[] = [];
const remembered = new Set<string>();
const tokens = {
  known: (token: string) =>
    remembered.has(token) ? { connectionId: `id-${token}`, tokenId: token, label: token } : null,
  check: async (token: string, suspect = false) => {
    if (suspect) suspects.push(token);
    if (token === 'busy') return 'busy';
    return token === 'a' || token === 'b'
      ? { connectionId: `id-${token}`, tokenId: token, label: token }
      : null;
  },
};

function accessOf(...configs: readonly ConnectionConfig[]): Access {
  const served = configs.map((one) => ({ id: `id-${one.name}`, name: one.name, config: one }));
  return new Access(new Connections(served), tokens as never, clock);
}

describe('the door', () => {
  beforeEach(() => {
    suspects.length = 0;
    remembered.clear();
  });
  const ask = (access: Access, connection: string | undefined, token: string, address = '192.0.2.1') =>
    access.admit({ connection, token, address });

  it('lets a known token in at once, where it belongs, within the rate', async () => {
    const access = accessOf(config('a', { rateLimit: { perSecond: 1, burst: 1 } }), config('b'));
    remembered.add('a');
    expect(access.admit({ connection: 'a', token: 'a', address: '' })).toMatchObject({ outcome: 'admitted' });
    expect(access.admit({ connection: 'a', token: 'a', address: '' })).toMatchObject({ outcome: 'limited' });
    expect(await ask(access, 'b', 'a')).toMatchObject({ outcome: 'unauthorized' });
    expect(await ask(access, 'c', 'a')).toMatchObject({ outcome: 'unauthorized' });
  });

  it('lets a token in where it belongs, and nowhere else', async () => {
    const access = accessOf(config('a'), config('b'));
    expect(await ask(access, undefined, 'a')).toMatchObject({ outcome: 'admitted', label: 'a' });
    expect(await ask(access, 'a', 'a')).toMatchObject({ outcome: 'admitted', connection: { name: 'a' } });
    expect(await ask(access, 'b', 'b')).toMatchObject({ outcome: 'admitted', connection: { name: 'b' } });
    const refused = expect.objectContaining({ outcome: 'unauthorized' }) as unknown;
    expect(await ask(access, 'b', 'a')).toEqual(refused);
    expect(await ask(access, undefined, 'b')).toEqual(refused);
    expect(await ask(access, 'none', 'a')).toEqual(refused);
    expect(await ask(access, 'a', 'x')).toEqual(refused);
    expect(await ask(access, 'a', '')).toEqual(refused);
    expect(await ask(access, '__proto__', 'a')).toEqual(refused);
  });

  it('hears twenty wrong tokens of an address, and lets good ones in from there all the while', async () => {
    const access = accessOf(config('a'), config('b'));
    for (let n = 0; n < 20; n++)
      expect((await ask(access, 'a', n % 2 ? 'b' : 'x')).outcome).toBe('unauthorized');
    expect(await ask(access, 'a', 'x')).toMatchObject({ outcome: 'throttled', retryAfterMs: 5_000 });
    expect(suspects).toEqual(['x']);
    expect(await ask(access, 'a', 'a')).toMatchObject({ outcome: 'admitted' });
    expect(await ask(access, 'a', 'busy')).toMatchObject({ outcome: 'throttled' });
    expect(await ask(access, 'a', '')).toMatchObject({ outcome: 'unauthorized' });
    expect(await ask(access, 'a', 'x', '192.0.2.2')).toMatchObject({ outcome: 'unauthorized' });
    now += 5_000;
    expect(await ask(access, 'a', 'x')).toMatchObject({ outcome: 'unauthorized' });
  });

  it('counts the requests of each connection, whoever makes them', async () => {
    const access = accessOf(config('a', { rateLimit: { perSecond: 10, burst: 2 } }), config('b'));
    expect((await ask(access, 'a', 'a')).outcome).toBe('admitted');
    expect((await ask(access, 'a', 'a', '192.0.2.9')).outcome).toBe('admitted');
    expect(await ask(access, 'a', 'a')).toMatchObject({ outcome: 'limited', retryAfterMs: 100, label: 'a' });
    for (let n = 0; n < 100; n++) expect((await ask(access, 'b', 'b')).outcome).toBe('admitted');
    // Refused requests are not the connection's.
    expect((await ask(access, 'a', 'x')).outcome).toBe('unauthorized');
    now += 100;
    expect((await ask(access, 'a', 'a')).outcome).toBe('admitted');
  });

  describe('of connections with issuers', () => {
    let issuer: TestIssuer;
    beforeEach(async () => {
      issuer = await TestIssuer.start();
    });
    afterEach(() => issuer.stop());

    it('lets a JWT in at the connection whose issuer signed it, and says when it cannot tell', async () => {
      const rules = {
        label: 'login',
        issuer: issuer.url,
        audiences: ['idp-bridge'],
        algorithms: ['RS256'],
        clockSkewSeconds: 0,
        keysMaxAgeHours: 24,
        claims: {},
      };
      const access = accessOf(config('a', { jwt: [rules] }), config('b'));
      const token = await issuer.sign();
      expect(await ask(access, 'a', token)).toMatchObject({ outcome: 'admitted', label: 'jwt:login' });
      expect(await ask(access, 'b', token)).toMatchObject({ outcome: 'unauthorized' });
      expect(await ask(access, 'a', 'a')).toMatchObject({ outcome: 'admitted', label: 'a' });
      expect(await ask(access, 'a', await issuer.sign({}, await makeKey('first')))).toMatchObject({
        outcome: 'unauthorized',
      });
      issuer.set('down');
      const fresh = accessOf(config('a', { jwt: [rules] }));
      expect(await ask(fresh, 'a', token)).toMatchObject({ outcome: 'unavailable', retryAfterMs: 5_000 });
    });
  });
});
