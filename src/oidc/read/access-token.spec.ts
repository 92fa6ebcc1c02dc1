import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readerOf } from '../../../test/support/claim-reader.js';
import { CLIENT, OpenIdProvider } from '../../../test/support/openid-provider.js';
import { systemClock } from '../../common/index.js';
import type { OidcConfig } from '../../config/index.js';

/** Where oidc-provider has userinfo and introspection. */
const [USERINFO, INTROSPECTION] = ['/me', '/token/introspection'] as const;

describe('an access token alone', () => {
  let provider: OpenIdProvider;
  beforeEach(async () => {
    provider = await OpenIdProvider.start();
    provider.answerWith(USERINFO, { sub: 'ada', groups: ['eng'] });
  });
  afterEach(() => provider.stop());

  const read = (accessToken: string, change: Partial<OidcConfig> = {}) =>
    readerOf(provider.issuer, systemClock, { clientSecret: CLIENT.secret, ...change }).read({ accessToken });
  const jwt = (claims: Record<string, unknown>) =>
    provider.sign({ aud: 'https://api.example', ...claims }, { header: { typ: 'at+jwt' } });

  it.each([
    { client_id: CLIENT.id },
    { azp: CLIENT.id },
    { cid: CLIENT.id },
    { appid: CLIENT.id, iat: 1_000 },
    { aud: ['https://api.example', CLIENT.id] },
  ])('that is a JWT of this client (%o) is good, and userinfo says of whom', async (claims) => {
    const before = Date.now();
    const statement = await read(await jwt({ sub: 'the-login-name', ...claims }));
    expect(statement).toMatchObject({
      issuer: provider.issuer,
      subject: 'ada',
      claims: { sub: 'ada', groups: ['eng'] },
      person: { externalIds: ['ada'] },
    });
    // It is of now, however old the token.
    expect(statement.issuedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(provider.asked).not.toContain(INTROSPECTION);
  });

  it.each([
    ['of another client', { client_id: 'another', azp: 'another' }, 'given to another client'],
    ['of nobody', {}, 'given to another client'],
    ['that expired', { client_id: CLIENT.id, exp: 1_000 }, 'has expired'],
    ['without an end', { client_id: CLIENT.id, exp: undefined }, 'no exp'],
    ['of another issuer', { client_id: CLIENT.id, iss: 'https://x.example' }, 'another issuer'],
  ])('that is a JWT %s is refused, and the provider is not asked', async (_what, claims, why) => {
    await expect(read(await jwt(claims))).rejects.toThrow(why);
    expect(provider.asked).not.toContain(USERINFO);
  });

  it('that is none is good when the provider says that it is this client’s', async () => {
    provider.answerWith(INTROSPECTION, { active: true, client_id: CLIENT.id });
    expect(await read('opaque')).toMatchObject({ subject: 'ada', claims: { groups: ['eng'] } });
    provider.answerWith(INTROSPECTION, { active: true, client_id: 'another' });
    await expect(read('opaque')).rejects.toThrow('given to another client');
    provider.answerWith(INTROSPECTION, { active: true });
    await expect(read('opaque')).rejects.toThrow('given to another client');
    provider.answerWith(INTROSPECTION, { active: false, client_id: CLIENT.id });
    await expect(read('opaque')).rejects.toThrow('does not accept');
  });

  it('that is none needs an ID token where the provider cannot be asked, or nonces are required', async () => {
    const { clientSecret: _none, ...without } = { clientSecret: CLIENT.secret };
    const reader = readerOf(provider.issuer, systemClock, without);
    await expect(reader.read({ accessToken: 'opaque' })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(read('opaque', { nonce: 'required' })).rejects.toThrow('expected id_token');
    await expect(read('x'.repeat(20_000))).rejects.toThrow('larger than');
  });

  it('is refused where userinfo has what cannot be kept, or is of nobody', async () => {
    const token = await jwt({ client_id: CLIENT.id });
    provider.answerWith(USERINFO, '{"sub": "ada", "__proto__": {"groups": ["admins"]}}');
    await expect(read(token)).rejects.toThrow('__proto__');
    provider.answerWith(USERINFO, { sub: 'x'.repeat(256) });
    await expect(read(token)).rejects.toThrow('the sub is no text');
    provider.answerWith(USERINFO, { groups: ['admins'] });
    await expect(read(token)).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    provider.answerWith(USERINFO, { sub: 'ada', big: 'x'.repeat(2_000_000) });
    await expect(read(token)).rejects.toMatchObject({ code: 'temporarily_unavailable' });
  });

  it('cannot be judged by the discovery document of another issuer, though only a slash is other', async () => {
    provider.answerWith(INTROSPECTION, { active: true, client_id: CLIENT.id });
    const issuer = `${provider.issuer}/`;
    const unavailable = { code: 'temporarily_unavailable' };
    await expect(read('opaque', { issuer })).rejects.toMatchObject(unavailable);
    const token = await jwt({ client_id: CLIENT.id, iss: issuer });
    await expect(read(token, { issuer })).rejects.toMatchObject(unavailable);
    expect(provider.asked).not.toContain(USERINFO);
  });
});
