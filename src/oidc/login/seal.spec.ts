import { describe, expect, it } from 'vitest';
import { Seal } from './seal.js';

const SECRET = 'the-secret-of-the-client';
let now = Date.now();
const clock = { now: () => now, monotonic: () => now };
const seal = (purpose = 'login okta', secret = SECRET) => new Seal(secret, purpose, clock);

describe('what a browser keeps for the bridge', () => {
  it('is opened by every replica that has the secret, and tells nobody else anything', async () => {
    const text = await seal().seal({ state: 'the-state' }, 60);
    expect(await seal().open(text)).toEqual({ state: 'the-state' });
    expect(Buffer.from(text.split('.').join(''), 'base64url').toString('latin1')).not.toContain('the-state');
    expect(await seal().seal({ state: 'the-state' }, 60)).not.toBe(text);
  });

  it('is not opened with another secret, for another purpose, or by another connection', async () => {
    const text = await seal().seal({ state: 'x' }, 60);
    expect(await seal('login okta', 'another-secret-of-a-client').open(text)).toBeUndefined();
    expect(await seal('status okta').open(text)).toBeUndefined();
    expect(await seal('login entra').open(text)).toBeUndefined();
  });

  it('ends in time', async () => {
    const text = await seal().seal({ state: 'x' }, 60);
    now += 59_000;
    expect(await seal().open(text)).toBeDefined();
    now += 2_000;
    expect(await seal().open(text)).toBeUndefined();
  });

  it('cannot be changed, or be anything else', async () => {
    const text = await seal().seal({ state: 'x' }, 60);
    const parts = text.split('.');
    for (const [n, part] of parts.entries()) {
      const other = parts.with(
        n,
        part === '' ? 'AAAA' : `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}`,
      );
      expect(await seal().open(other.join('.'))).toBeUndefined();
    }
    for (const rubbish of ['', 'x', '....', 'e30.e30.e30.e30.e30', 'eyJhbGciOiJub25lIn0.e30.'])
      expect(await seal().open(rubbish)).toBeUndefined();
  });
});
