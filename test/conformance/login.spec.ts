import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JWTPayload } from 'jose';
import { Agent, fetch as fetchFrom } from 'undici';
import { startTestBridge, type TestBridge } from '../support/bridge.js';
import { freePort } from '../support/free-port.js';
import { CLIENT, makeKey, OpenIdProvider } from '../support/openid-provider.js';
import { stopClock } from '../support/still-clock.js';

/** A browser without a screen: it keeps cookies of the bridge, and follows nothing by itself. */
class Browser {
  readonly cookies = new Map<string, string>();

  constructor(private readonly from: Agent) {}

  async get(url: string) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetchFrom(url, {
      dispatcher: this.from,
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
    });
    const set = response.headers.getSetCookie();
    for (const header of set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (/Max-Age=0/.test(header)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const { status, headers } = response;
    return { status, headers, set, location: headers.get('location') ?? '', text: await response.text() };
  }
}

describe('a login at the bridge', () => {
  let provider: OpenIdProvider;
  let bridge: TestBridge;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    provider = await OpenIdProvider.start([
      `${url}/oidc/callback`,
      `${url}/connections/default/oidc/callback`,
    ]);
    bridge = await startTestBridge({
      env: {
        PORT: String(port),
        PUBLIC_URL: url,
        OIDC_ISSUER: provider.issuer,
        OIDC_CLIENT_ID: CLIENT.id,
        OIDC_CLIENT_SECRET: CLIENT.secret,
      },
    });
    bridge.simulator.admin.setGroupSync({ field: 'groups' });
  });
  afterAll(async () => {
    await bridge?.close();
    await provider?.stop();
  });
  let n = 0;
  let subject = '';
  let from: Agent;
  let browser: Browser;
  beforeEach(() => {
    subject = `person-${++n}`;
    from = new Agent({ localAddress: `127.0.2.${n}` });
    browser = new Browser(from);
    provider.down = false;
  });
  afterEach(() => from.close());

  /** Begins in the browser, and logs in at the provider: the answer that it sends the browser back with. */
  async function answered(path = '/oidc/login'): Promise<URL> {
    const { location } = await browser.get(`${url}${path}`);
    return new URL(await provider.logIn(location, subject));
  }
  const kept = () =>
    bridge.database.query<{ claims: Record<string, unknown>; source: string }>(
      'SELECT claims, source FROM bridge.subjects WHERE subject = $1',
      [subject],
    );
  async function expectRefused(address: URL | string, status: number, reason: RegExp | string) {
    const answer = await browser.get(String(address));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(/<p id="reason">(.*?)<\/p>/s.exec(answer.text)?.[1]).toMatch(reason);
    expect(await kept()).toEqual([]);
    return answer;
  }
  const changed = (address: URL, change: (parameters: URLSearchParams) => void): URL => {
    const other = new URL(address);
    change(other.searchParams);
    return other;
  };

  it('asks for a code with PKCE, state and nonce, and binds them to the browser', async () => {
    const { status, location, set, headers } = await browser.get(`${url}/oidc/login`);
    expect([status, headers.get('cache-control')]).toEqual([303, 'no-store']);
    expect(location).toMatch(`${provider.issuer}/auth?`);
    const asked = Object.fromEntries(new URL(location).searchParams);
    expect(asked).toEqual({
      client_id: CLIENT.id,
      redirect_uri: `${url}/oidc/callback`,
      response_type: 'code',
      scope: 'openid profile email',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      code_challenge_method: 'S256',
    });
    expect(set).toEqual([
      expect.stringMatching(
        /^idp-bridge-login-default=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
      ),
    ]);
    // What the browser keeps tells it nothing.
    expect(set[0]).not.toContain(asked['state']);
  });

  it.each([
    ['', '/oidc/login'],
    ['of a named connection', '/connections/default/oidc/login'],
  ])('%s records the claims, and shows them', async (_which, path) => {
    provider.people.set(subject, { name: 'Ada <b>Lovelace</b>', email: 'ada@corp.example' });
    const back = await answered(path);
    expect(back.pathname).toBe(path.replace('login', 'callback'));
    const { status, text, headers } = await browser.get(back.href);
    expect(status).toBe(200);
    expect(text).toContain('Ada &lt;b&gt;Lovelace&lt;/b&gt;');
    expect(text).not.toContain('<b>');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; frame-src 'self'; frame-ancestors 'none';/,
    );
    expect(policy).not.toMatch(/script|unsafe/);
    expect(await kept()).toMatchObject([
      { claims: { sub: subject, email: 'ada@corp.example' }, source: 'login' },
    ]);
  });

  describe('comes to nothing', () => {
    it('when its code is replayed, here or with the cookie put back', async () => {
      const back = await answered();
      const cookies = new Map(browser.cookies);
      expect((await browser.get(back.href)).status).toBe(200);
      expect(browser.cookies.size).toBe(0);
      subject = 'nobody';
      await expectRefused(back, 400, 'The login did not begin in this browser');
      for (const [name, value] of cookies) browser.cookies.set(name, value);
      await expectRefused(back, 400, 'The code was used already, or has expired');
    });

    it('without a state, and with two', async () => {
      const back = await answered();
      await expectRefused(
        changed(back, (query) => query.delete('state')),
        400,
        'no state',
      );
      await expectRefused(
        changed(back, (query) => query.append('state', 'x')),
        400,
        'did not begin',
      );
    });

    it("with the state of another browser's login, which stays good there", async () => {
      const theirs = browser;
      const back = await answered();
      browser = new Browser(from);
      await browser.get(`${url}/oidc/login`);
      await expectRefused(back, 400, 'The login did not begin in this browser');
      expect((await theirs.get(back.href)).status).toBe(200);
    });

    it('in a browser that began nothing', async () => {
      const back = await answered();
      browser = new Browser(from);
      await expectRefused(back, 400, 'The login did not begin in this browser');
    });

    it('with a cookie that was changed or is of another connection', async () => {
      const back = await answered();
      const [[name, value] = ['', '']] = browser.cookies;
      browser.cookies.set(
        name,
        value.replace(/.(?=.{30}$)/, (c) => (c === 'A' ? 'B' : 'A')),
      );
      await expectRefused(back, 400, 'did not begin');
      browser.cookies.set(name, 'e30.e30.e30.e30.e30');
      await expectRefused(back, 400, 'did not begin');
    });

    it('with the answer of another issuer (RFC 9207), or of none', async () => {
      const back = await answered();
      expect(back.searchParams.get('iss')).toBe(provider.issuer);
      await expectRefused(
        changed(back, (query) => query.set('iss', 'https://evil.example')),
        400,
        /cannot be used: unexpected &quot;iss&quot;/,
      );
      const again = await answered();
      await expectRefused(
        changed(again, (query) => query.delete('iss')),
        400,
        /cannot be used: response parameter &quot;iss&quot; \(issuer\) missing/,
      );
    });

    it('with an invented code, and the code of another login', async () => {
      const other = await answered();
      const back = await answered();
      await expectRefused(
        changed(back, (query) => query.set('code', other.searchParams.get('code') ?? '')),
        400,
        'used already, or has expired',
      );
      const again = await answered();
      await expectRefused(
        changed(again, (query) => query.set('code', '../../x')),
        400,
        'used already, or has expired',
      );
    });

    it.each<readonly [string, (nonce: string) => Promise<object>, RegExp]>([
      ['of another login (nonce)', (_nonce) => sign({ nonce: 'another' }), /nonce/],
      ['of no login', () => sign({}), /nonce/],
      ['for another client', (nonce) => sign({ nonce, aud: 'another' }), /aud/],
      ['of another issuer', (nonce) => sign({ nonce, iss: 'https://x.example' }), /iss/],
      ['that expired', (nonce) => sign({ nonce, exp: 1_000 }), /exp|expired/],
      [
        'that somebody else signed',
        async (nonce) => sign({ nonce }, await makeKey('first')),
        /The token's signature is not the provider's|The token&#39;s signature/,
      ],
    ])('with an ID token %s', async (_what, answer, reason) => {
      const { location } = await browser.get(`${url}/oidc/login`);
      const back = await provider.logIn(location, subject);
      provider.answerWith('/token', await answer(new URL(location).searchParams.get('nonce') ?? ''));
      try {
        const { status, text } = await browser.get(back);
        expect([400, 401]).toContain(status);
        expect(/<p id="reason">(.*?)<\/p>/s.exec(text)?.[1]).toMatch(reason);
        expect(await kept()).toEqual([]);
      } finally {
        provider.answerWith('/token', null);
      }
    });
    const sign = async (claims: JWTPayload, key?: Awaited<ReturnType<typeof makeKey>>) => ({
      access_token: 'x',
      token_type: 'Bearer',
      id_token: await provider.sign({ sub: subject, ...claims }, key === undefined ? {} : { key }),
    });

    it('when the provider says no, whose words are not repeated', async () => {
      const back = await answered();
      const answer = await expectRefused(
        changed(back, (query) => {
          query.delete('code');
          query.set('error', 'access_denied');
          query.set('error_description', '<script>alert(1)</script>');
        }),
        400,
        /^The provider did not log you in \(access_denied\)\.$/,
      );
      expect(answer.text).not.toContain('alert');
      const again = await answered();
      await expectRefused(
        changed(again, (query) => {
          query.delete('code');
          query.set('error', '<script>');
        }),
        400,
        /\(an error without a name\)/,
      );
    });

    it('with a 503 while the provider is away', async () => {
      const back = await answered();
      provider.down = true;
      const answer = await expectRefused(back, 503, 'cannot be reached now');
      expect(answer.headers.get('retry-after')).toBe('5');
    });

    it('after twenty that came to nothing from an address', async () => {
      stopClock();
      const reasons = [];
      for (let tries = 0; tries < 21; tries++) {
        const { location } = await browser.get(`${url}/oidc/login`);
        const state = new URL(location).searchParams.get('state');
        const query = new URLSearchParams({ code: 'x', state: state ?? '', iss: provider.issuer });
        reasons.push((await browser.get(`${url}/oidc/callback?${query.toString()}`)).status);
      }
      expect(reasons).toEqual([...Array<number>(20).fill(400), 429]);
    });
  });

  it('shows the way of the claims to Coder by a link that tells nothing and cannot be made', async () => {
    await bridge.scim.postUser(`${subject}@corp.example`, { externalId: subject });
    const { text } = await browser.get((await answered()).href);
    expect(text).toContain(`You are <strong>${subject}@corp.example</strong> in the directory`);
    const [, link = ''] = /<iframe src="(status\?of=[\w.-]+)"/.exec(text) ?? [];
    await bridge.untilSettled();
    const status = await browser.get(`${url}/oidc/${link}`);
    expect(status.text).toContain('It is in Coder.');
    expect(status.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    for (const other of ['status', 'status?of=x', `${link.slice(0, -4)}AAAA`])
      expect((await browser.get(`${url}/oidc/${other}`)).text).toContain('Log in again');
  });

  it('says what access follows, from which value, and what came to nothing', async () => {
    const { admin } = bridge.simulator;
    admin.createGroup({ name: 'eng' });
    await bridge.scim.postUser(`${subject}@corp.example`, { externalId: subject });
    provider.people.set(subject, { groups: ['eng', '<b>none</b>'] });
    const { text } = await browser.get((await answered()).href);
    const [, link = ''] = /<iframe src="(status\?of=[\w.-]+)"/.exec(text) ?? [];
    await bridge.untilSettled();
    const status = (await browser.get(`${url}/oidc/${link}`)).text.replaceAll(/\s+/g, ' ');
    expect(status).toContain('<strong>It is in Coder.</strong>');
    expect(status).not.toContain('http-equiv');
    expect(status).toMatch(
      /<th>Group eng \(organization \w+\)<\/th> <td class="standing">in Coder<\/td> <td>claim &quot;groups&quot;, value &quot;eng&quot;: the group of this name</,
    );
    expect(status).toMatch(
      /<th>&lt;b&gt;none&lt;\/b&gt;: Groups \(organization \w+\)<\/th> <td>the organization has no group /,
    );
    admin.createGroup({ name: 'ops' });
    provider.people.set(subject, { groups: ['ops'] });
    await browser.get((await answered()).href);
    await bridge.untilSettled();
    const later = (await browser.get(`${url}/oidc/${link}`)).text;
    expect(later).toContain('Group ops (');
    expect(later).not.toContain('Group eng (');
  });
});
