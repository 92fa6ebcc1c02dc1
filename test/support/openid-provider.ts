import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWTPayload,
} from 'jose';
import { Provider, type Configuration } from 'oidc-provider';
import { vi } from 'vitest';

/** The bridge's client at it. */
export const CLIENT = { id: 'idp-bridge', secret: 'the-secret-of-the-bridge-at-the-provider' };

/** Options of the provider's calls that do not serve here. */
const OWN = new Set(['dispatcher', 'signal']);

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** What a token of {@link OpenIdProvider.sign} may have besides its claims. */
interface SignOptions {
  readonly header?: Record<string, unknown>;
  readonly key?: Key;
}

/** The first key of every provider of a test file: making one takes long. */
let first: Promise<Key> | undefined;

/**
 * A real OpenID provider in this process: discovery, keys that can be rotated, login by form, code flow with PKCE, userinfo,
 * introspection and back-channel logout. Whoever logs in is who they say; what is claimed of them is in `people`.
 */
export class OpenIdProvider {
  /** Claims by subject. */
  readonly people = new Map<string, Record<string, unknown>>();
  /** Away: answers 503 to everything. */
  down = false;
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  private key: Key | undefined;
  /** Cookies of the browsers of who logged in, by login. */
  private readonly jars = new Map<string, Map<string, string>>();
  /** How its logout tokens were received. */
  readonly logouts: ('success' | 'error')[] = [];
  /** Documents that are served besides, by path. */
  private readonly further = new Map<string, string>();
  private handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    private readonly redirectUris: readonly string[],
    private readonly logoutUri: string | undefined,
  ) {}

  /** @param logoutUri where it sends logout tokens */
  static async start(redirectUris: readonly string[] = [], logoutUri?: string): Promise<OpenIdProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const provider = new OpenIdProvider(server, `http://127.0.0.1:${port}`, redirectUris, logoutUri);
    server.on('request', (request, response) => {
      const { pathname } = new URL(request.url ?? '/', provider.issuer);
      const document = provider.further.get(pathname);
      provider.asked.push(pathname);
      if (provider.down) response.writeHead(503).end();
      else if (document === undefined) provider.handle(request, response);
      else response.writeHead(200, { 'content-type': 'application/json' }).end(document);
    });
    first ??= makeKey('first');
    await provider.signWith(await first);
    return provider;
  }

  /** Withdraws all keys, and signs with a new one from now on. Sessions and codes stay. */
  async rotate(kid: string, alg = 'RS256'): Promise<void> {
    await this.signWith(await makeKey(kid, alg));
  }

  private async signWith(key: Key): Promise<void> {
    this.key = key;
    const { alg, kid } = key;
    const jwk = { ...(await exportJWK(key.privateKey)), kid, alg, use: 'sig' };
    // It warns of all that is only for development, which this is.
    const silent = [vi.spyOn(console, 'info'), vi.spyOn(console, 'warn')].map((spy) =>
      spy.mockImplementation(() => undefined),
    );
    const provider = new Provider(this.issuer, { ...this.configuration(alg), jwks: { keys: [jwk] } });
    for (const spy of silent) spy.mockRestore();
    provider.on('backchannel.success', () => this.logouts.push('success'));
    provider.on('backchannel.error', () => this.logouts.push('error'));
    this.handle = provider.callback();
  }

  /** Describes itself under a further path as another issuer, with the same keys. */
  describe(path: string, issuer: string): void {
    this.answerWith(`${path}/.well-known/openid-configuration`, { issuer, jwks_uri: `${this.issuer}/jwks` });
  }

  /** Answers with this document, as text or as JSON, in the place of what it would; null: as it would again. */
  answerWith(path: string, document: object | string | null): void {
    if (document === null) this.further.delete(path);
    else this.further.set(path, typeof document === 'string' ? document : JSON.stringify(document));
  }

  /** A token as this provider would sign it, for the bridge, of five minutes; undefined claims are left out. */
  async sign(claims: JWTPayload = {}, { header = {}, key = this.key }: SignOptions = {}): Promise<string> {
    if (key === undefined) throw new Error('the provider has no key');
    const now = Math.floor(Date.now() / 1_000);
    const payload = { iss: this.issuer, aud: CLIENT.id, sub: 'ada', iat: now, exp: now + 300, ...claims };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  /** A token with this payload, to the letter. */
  async signText(payload: string): Promise<string> {
    const { key } = this;
    if (key === undefined) throw new Error('the provider has no key');
    return new CompactSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .sign(key.privateKey);
  }

  async publicKeyPem(): Promise<string> {
    const { key } = this;
    if (key === undefined) throw new Error('the provider has no key');
    return exportSPKI(key.publicKey);
  }

  /**
   * Logs a person in as a browser without script would: from the authorization request to where the provider sends the
   * browser back to, which is answered and not fetched.
   */
  async logIn(authorizationUrl: string, login: string): Promise<string> {
    const jar = new Map<string, string>();
    this.jars.set(login, jar);
    let url = new URL(authorizationUrl);
    let body: URLSearchParams | undefined;
    for (let step = 0; step < 20; step++) {
      const response = await browse(jar, url, body);
      const text = await response.text();
      const location = response.headers.get('location');
      body = undefined;
      if (location === null) {
        const [, action] = /<form[^>]*action="([^"]+)"/.exec(text) ?? [];
        if (action === undefined) throw new Error(`no form at ${url.pathname}: ${text.slice(0, 300)}`);
        url = new URL(action, url);
        body = new URLSearchParams({ prompt: 'login', login, password: 'any' });
      } else {
        url = new URL(location, url);
        if (url.origin !== this.issuer) return url.href;
      }
    }
    throw new Error('the login goes round and round');
  }

  /** Ends the session of who logged in here, and tells the client; resolves when that was answered. */
  async logOut(login: string): Promise<void> {
    const jar = this.jars.get(login) ?? new Map<string, string>();
    const page = await (await browse(jar, new URL(`${this.issuer}/session/end`))).text();
    const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(page) ?? [];
    if (xsrf === undefined) throw new Error(`nobody is logged in: ${page.slice(0, 300)}`);
    const body = new URLSearchParams({ xsrf, logout: 'yes' });
    await (await browse(jar, new URL(`${this.issuer}/session/end/confirm`), body)).text();
  }

  /** Tokens of a real code flow. */
  async tokensOf(login: string, scope = 'openid profile email groups'): Promise<Record<string, string>> {
    const [redirectUri = ''] = this.redirectUris;
    const verifier = 'v'.repeat(43);
    const challenge = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
    const request = new URLSearchParams({
      client_id: CLIENT.id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope,
      code_challenge: Buffer.from(challenge).toString('base64url'),
      code_challenge_method: 'S256',
    });
    const back = new URL(await this.logIn(`${this.issuer}/auth?${request.toString()}`, login));
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${CLIENT.id}:${CLIENT.secret}`)}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    });
    if (!response.ok) throw new Error(`no token: ${response.status}`);
    return (await response.json()) as Record<string, string>;
  }

  stop(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.close((error) => (error ? reject(error) : resolve()));
      this.server.closeAllConnections();
    });
  }

  private configuration(alg: string): Configuration {
    return {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [...this.redirectUris],
          id_token_signed_response_alg: alg as 'RS256',
          ...(this.logoutUri !== undefined && {
            backchannel_logout_uri: this.logoutUri,
            backchannel_logout_session_required: true,
          }),
        },
      ],
      cookies: { keys: ['a-key-of-the-tests'] },
      claims: {
        openid: ['sub'],
        profile: ['name', 'preferred_username', 'oid', 'groups'],
        email: ['email', 'email_verified'],
        groups: ['groups'],
      },
      // All of it in the ID token too, as Okta and Entra ID do.
      conformIdTokenClaims: false,
      features: {
        devInteractions: { enabled: true },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: {
          enabled: true,
          logoutSource: (context, form) => {
            context.body = form;
          },
        },
        introspection: { enabled: true, allowedPolicy: async () => true },
      },
      // Its own dispatcher would send nothing to this machine, its own deadline is too short for a busy one.
      fetch: (url, options = {}) =>
        fetch(url, Object.fromEntries(Object.entries(options).filter(([name]) => !OWN.has(name)))),
      ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
      findAccount: (_context, subject) => ({
        accountId: subject,
        claims: () => ({ sub: subject, ...this.people.get(subject) }),
      }),
      // Nobody is asked for consent, as for an application of the company.
      loadExistingGrant: async ({ oidc }) => {
        const { session, client, provider } = oidc;
        if (session?.accountId === undefined || client === undefined) return undefined;
        const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
        grant.addOIDCScope('openid profile email groups');
        await grant.save();
        return grant;
      },
    };
  }
}

/** One request of a browser, which is not redirected by itself. */
async function browse(jar: Map<string, string>, url: URL, body?: URLSearchParams): Promise<Response> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    redirect: 'manual',
    headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    ...(body === undefined ? {} : { body }),
  });
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    jar.set(name, value);
  }
  return response;
}

/** A key that nobody publishes, unless a provider has it. */
export async function makeKey(kid: string, alg = 'RS256'): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey };
}
