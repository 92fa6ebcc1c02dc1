import { createHmac } from 'node:crypto';
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JwtIssuer } from '../../config/index.js';
import { makeKey, TestIssuer } from '../../../test/support/jwt-issuer.js';
import { fetchKeys } from './fetch-keys.js';
import { IssuerUnavailable } from './unavailable.js';
import { JwtVerifier, looksLikeJwt } from './verifier.js';

const HOUR = 3_600_000;

describe('a JWT as a token', () => {
  let issuer: TestIssuer;
  /** Moves the time of the bridge. */
  let later = 0;
  const clock = { now: () => Date.now() + later, monotonic: () => performance.now() + later };

  beforeEach(async () => {
    later = 0;
    issuer = await TestIssuer.start();
  });
  afterEach(() => issuer.stop());

  const rules = (more: Partial<JwtIssuer> = {}): JwtIssuer => ({
    label: 'test',
    issuer: issuer.url,
    audiences: ['idp-bridge'],
    algorithms: ['RS256'],
    clockSkewSeconds: 60,
    keysMaxAgeHours: 24,
    claims: {},
    ...more,
  });
  const verifier = (more: Partial<JwtIssuer> = {}) => new JwtVerifier([rules(more)], fetchKeys, clock);
  const now = () => Math.floor(clock.now() / 1_000);

  it('is good when the issuer signed it for this bridge, its keys found by discovery or by jwks_uri', async () => {
    const token = await issuer.sign();
    expect(looksLikeJwt(token)).toBe(true);
    expect(await verifier().verify(token)).toBe('test');
    expect(await verifier({ jwksUri: issuer.jwksUri }).verify(token)).toBe('test');
    expect(await verifier({ audiences: ['other', 'idp-bridge'] }).verify(token)).toBe('test');
    expect(await verifier().verify(await issuer.sign({ aud: ['a', 'idp-bridge'] }))).toBe('test');
  });

  it('is checked with keys that are asked for once', async () => {
    const one = verifier();
    for (let n = 0; n < 20; n++) expect(await one.verify(await issuer.sign())).toBe('test');
    expect(issuer.asked).toBe(1);
  });

  it.each([
    ['of another issuer', { iss: 'https://other.example/' }],
    ['of an issuer that is nearly the same', { iss: 'http://127.0.0.1' }],
    ['for another audience', { aud: 'other' }],
    ['for no audience', { aud: undefined }],
    ['that expired', { exp: Math.floor(Date.now() / 1_000) - 61 }],
    ['without an end', { exp: undefined }],
    ['that begins later', { nbf: Math.floor(Date.now() / 1_000) + 120 }],
  ])('is refused %s', async (_what, claims) => {
    expect(await verifier().verify(await issuer.sign(claims as JWTPayload))).toBeNull();
  });

  it('may be late or early by the clock skew', async () => {
    const late = await issuer.sign({ exp: now() - 30, nbf: now() - 90 });
    expect(await verifier().verify(late)).toBe('test');
    expect(await verifier({ clockSkewSeconds: 0 }).verify(late)).toBeNull();
    expect(await verifier().verify(await issuer.sign({ nbf: now() + 30 }))).toBe('test');
  });

  it('is refused without a signature, in any spelling of none', async () => {
    const claims = { iss: issuer.url, aud: 'idp-bridge', exp: now() + 300 };
    expect(await verifier().verify(new UnsecuredJWT(claims).encode())).toBeNull();
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    for (const alg of ['none', 'None', 'NONE', '', null]) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'first' })).toString('base64url');
      expect(await verifier().verify(`${header}.${body}.`)).toBeNull();
    }
  });

  it('is refused when the public key was used as a shared secret', async () => {
    const pem = await issuer.publicKeyPem();
    const claims = { iss: issuer.url, aud: 'idp-bridge', exp: now() + 300 };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(new TextEncoder().encode(pem));
    expect(await verifier().verify(token)).toBeNull();
    const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'first' })).toString('base64url');
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const mac = createHmac('sha256', pem).update(`${head}.${body}`).digest('base64url');
    expect(await verifier().verify(`${head}.${body}.${mac}`)).toBeNull();
  });

  it('is refused by an algorithm that is not listed, though the key is published', async () => {
    const key = await issuer.addKey('curve', 'ES256');
    const token = await issuer.sign({}, key);
    expect(await verifier().verify(token)).toBeNull();
    expect(await verifier({ algorithms: ['ES256'] }).verify(token)).toBe('test');
  });

  it('is refused when another key signed it, under a known name or an unknown one', async () => {
    const foreign = await makeKey('first');
    expect(await verifier().verify(await issuer.sign({}, foreign))).toBeNull();
    expect(await verifier().verify(await issuer.sign({}, foreign, 'unknown'))).toBeNull();
  });

  it('is refused when it was changed', async () => {
    const [head, , signature] = (await issuer.sign()).split('.');
    const claims = { iss: issuer.url, aud: 'idp-bridge', exp: now() + 300_000 };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    expect(await verifier().verify(`${head}.${body}.${signature}`)).toBeNull();
    for (const rubbish of ['eyJ', 'eyJh.eyJh.x', 'eyJhbGciOiJSUzI1NiJ9.bm9wZQ.x']) {
      expect(await verifier().verify(rubbish)).toBeNull();
    }
  });

  it('is refused without the claims that were asked for', async () => {
    const strict = verifier({ claims: { azp: ['entra', 'okta'], roles: ['provision'] } });
    expect(await strict.verify(await issuer.sign())).toBeNull();
    expect(await strict.verify(await issuer.sign({ azp: 'entra' }))).toBeNull();
    expect(await strict.verify(await issuer.sign({ azp: 'other', roles: ['provision'] }))).toBeNull();
    expect(await strict.verify(await issuer.sign({ azp: 'okta', roles: ['x', 'provision'] }))).toBe('test');
  });

  it('signed with a new key is good, and with a withdrawn one it is not', async () => {
    const one = verifier();
    const before = await issuer.sign();
    expect(await one.verify(before)).toBe('test');
    await issuer.rotate('second');
    const after = await issuer.sign();
    // Not within half a minute of the last look: whoever invents keys must not make the bridge ask for each.
    for (let n = 0; n < 10; n++) expect(await one.verify(after)).toBeNull();
    expect(issuer.asked).toBe(1);
    later = 30_000;
    expect(await one.verify(after)).toBe('test');
    expect(await one.verify(before)).toBeNull();
    expect(issuer.asked).toBe(2);
  });

  it.each(['down', 'rubbish'] as const)(
    'is checked with the old keys while new ones cannot be had (%s), up to an age',
    async (mode) => {
      const one = verifier();
      expect(await one.verify(await issuer.sign())).toBe('test');
      issuer.set(mode);
      later = 23 * HOUR;
      const token = await issuer.sign({ exp: now() + 2 * 3_600 });
      expect(await one.verify(token)).toBe('test');
      await expect(
        issuer.sign({ exp: now() + 60 }, undefined, 'unknown').then((unknown) => one.verify(unknown)),
      ).rejects.toThrow(IssuerUnavailable);
      later = 24 * HOUR + 1_000;
      await expect(one.verify(token)).rejects.toThrow(IssuerUnavailable);
      issuer.set('up');
      later += 5_000;
      expect(await one.verify(token)).toBe('test');
    },
  );

  it('cannot be judged before the keys were ever had', async () => {
    issuer.set('down');
    const one = verifier();
    const token = await issuer.sign();
    await expect(one.verify(token)).rejects.toThrow(IssuerUnavailable);
    issuer.set('up');
    // For five seconds nobody asks again.
    await expect(one.verify(token)).rejects.toThrow(IssuerUnavailable);
    expect(issuer.asked).toBe(0);
    later = 5_000;
    expect(await one.verify(token)).toBe('test');
  });

  it('is not believed by a discovery document of somebody else', async () => {
    const other = await TestIssuer.start();
    try {
      // Served at the same place, and says another issuer: without the slash.
      const claimed = other.url.slice(0, -1);
      const one = new JwtVerifier([rules({ issuer: claimed })], fetchKeys, clock);
      const token = await issuer.sign({ iss: claimed });
      await expect(one.verify(token)).rejects.toThrow(IssuerUnavailable);
    } finally {
      await other.stop();
    }
  });

  it('is read in a bounded time, whatever it is', () => {
    for (const text of ['eyJ'.repeat(10_000), `eyJ${'a.'.repeat(9_000)}`, `eyJ${'a'.repeat(100_000)}.b.c`]) {
      expect(looksLikeJwt(text)).toBe(false);
    }
  });
});
