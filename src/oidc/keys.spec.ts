import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeKey, OpenIdProvider } from '../../test/support/openid-provider.js';
import type { OidcConfig } from '../config/index.js';
import { readerOf as readerAt } from '../../test/support/claim-reader.js';

const HOUR = 3_600_000;

/** A provider that a test reads from, with the time of the bridge moved by `later`. */
let provider: OpenIdProvider;
let later = 0;
const clock = { now: () => Date.now() + later, monotonic: () => performance.now() + later };

const readerOf = (change: Partial<OidcConfig> = {}) => readerAt(provider.issuer, clock, change);
/** A token of the bridge's present. */
const sign = (claims: Record<string, unknown> = {}, options: Parameters<OpenIdProvider['sign']>[1] = {}) => {
  const now = Math.floor(clock.now() / 1_000);
  return provider.sign({ iat: now, exp: now + 300, ...claims }, options);
};
const askedKeys = () => provider.asked.filter((path) => path === '/jwks').length;
const UNAVAILABLE = { code: 'temporarily_unavailable', status: 503 };

beforeEach(async () => {
  later = 0;
  provider = await OpenIdProvider.start();
});
afterEach(() => provider.stop());

describe("the provider's keys", () => {
  it('are asked for once for many tokens', async () => {
    const reader = readerOf();
    for (let n = 0; n < 10; n++) await reader.read({ idToken: await sign() });
    expect(askedKeys()).toBe(1);
  });

  it('are asked for again when they were rotated, and the old ones are out of use then', async () => {
    const reader = readerOf();
    const old = await sign();
    await reader.read({ idToken: old });
    await provider.rotate('second');
    later = 31_000;
    expect(await reader.read({ idToken: await sign() })).toMatchObject({ subject: 'ada' });
    await expect(reader.read({ idToken: old })).rejects.toMatchObject({
      code: 'invalid_token',
      description: 'the token is signed with a key that the provider does not publish',
    });
  });

  it('are not asked for by everybody who invents one', async () => {
    const reader = readerOf();
    await reader.read({ idToken: await sign() });
    const foreign = await makeKey('invented');
    for (let n = 0; n < 20; n++)
      await expect(reader.read({ idToken: await sign({}, { key: foreign }) })).rejects.toThrow('publish');
    expect(askedKeys()).toBe(1);
  });

  it('serve until their age limit while the provider is away; then the answer is a clear 503', async () => {
    const reader = readerOf({ keysMaxAgeHours: 2 });
    await reader.read({ idToken: await sign() });
    provider.down = true;
    later = 2 * HOUR - 60_000;
    expect(await reader.read({ idToken: await sign() })).toMatchObject({ subject: 'ada' });
    later = 2 * HOUR + 60_000;
    const token = await sign();
    await expect(reader.read({ idToken: token })).rejects.toMatchObject({
      ...UNAVAILABLE,
      retryAfter: 5,
      description: expect.stringMatching(/keys cannot be had now/) as string,
    });
    provider.down = false;
    later += 5_000;
    expect(await reader.read({ idToken: token })).toMatchObject({ subject: 'ada' });
  });

  it('that were never had are a 503 too, and no word about the token', async () => {
    provider.down = true;
    await expect(readerOf().read({ idToken: await sign() })).rejects.toMatchObject(UNAVAILABLE);
    // What is another issuer's needs no key to be refused.
    await expect(readerOf().read({ idToken: await sign({ iss: 'https://x.example' }) })).rejects.toThrow(
      'another issuer',
    );
  });

  it('may be of another algorithm, if the configuration lists it', async () => {
    await provider.rotate('curve', 'ES256');
    await expect(readerOf().read({ idToken: await sign() })).rejects.toThrow('accepted: RS256');
    expect(await readerOf({ algorithms: ['ES256'] }).read({ idToken: await sign() })).toMatchObject({
      subject: 'ada',
    });
  });
});

describe('the time of a token', () => {
  it('may be off by the clock skew, and no more', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const late = await sign({ iat: now - 200, exp: now - 30 });
    const early = await sign({ iat: now + 30, nbf: now + 30 });
    for (const idToken of [late, early]) {
      expect(await readerOf().read({ idToken })).toMatchObject({ subject: 'ada' });
      await expect(readerOf({ clockSkewSeconds: 5 }).read({ idToken })).rejects.toMatchObject({
        code: 'invalid_token',
      });
    }
  });
});

describe('an issuer of many tenants', () => {
  const [ours, theirs] = ['6c1f5b0e-1f5e-4b8e-9c55-0d2f4a6b7c8d', '00000000-1f5e-4b8e-9c55-0d2f4a6b7c8d'];

  it('counts for the tenants that are listed, each by its own issuer', async () => {
    const template = `${provider.issuer}/{tenantid}/v2.0`;
    provider.describe('/organizations/v2.0', template);
    const reader = readerOf({ issuer: template, tenants: [ours] });
    const issuerOf = (tenant: string) => template.replace('{tenantid}', tenant);
    const read = async (iss: string, tid?: string) => reader.read({ idToken: await sign({ iss, tid }) });
    expect(await read(issuerOf(ours), ours)).toMatchObject({ issuer: issuerOf(ours), subject: 'ada' });
    await expect(read(issuerOf(theirs), theirs)).rejects.toThrow('another issuer');
    await expect(read(issuerOf(ours), theirs)).rejects.toThrow('another tenant');
    await expect(read(issuerOf(ours))).rejects.toThrow('another tenant');
    await expect(read(template, '{tenantid}')).rejects.toThrow('another issuer');
  });
});
