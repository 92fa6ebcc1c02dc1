import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** An issuer of JWTs on the loopback: discovery, a key set that can be changed, and a switch that makes it fail. */
export class TestIssuer {
  private readonly published: Key[] = [];
  private mode: 'up' | 'down' | 'rubbish' = 'up';
  /** How often its keys were asked for. */
  asked = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<TestIssuer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const issuer = new TestIssuer(server, `http://127.0.0.1:${port}/`);
    server.on('request', (request, response) => {
      const { status, body } = issuer.answer(request.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await issuer.addKey('first');
    return issuer;
  }

  get jwksUri(): string {
    return `${this.url}keys`;
  }

  async addKey(kid: string, alg = 'RS256'): Promise<Key> {
    const key = await makeKey(kid, alg);
    this.published.push(key);
    return key;
  }

  /** Withdraws all keys and publishes a new one. */
  async rotate(kid: string): Promise<Key> {
    this.published.length = 0;
    return this.addKey(kid);
  }

  set(mode: 'up' | 'down' | 'rubbish'): void {
    this.mode = mode;
  }

  /** A token for audience `idp-bridge` that lives for five minutes, unless `claims` says otherwise (undefined leaves out). */
  async sign(
    claims: JWTPayload = {},
    key: Key | undefined = this.published.at(-1),
    kid?: string,
  ): Promise<string> {
    if (!key) throw new Error('the issuer has no key');
    const now = Math.floor(Date.now() / 1_000);
    const payload = { iss: this.url, aud: 'idp-bridge', sub: 'provisioning', exp: now + 300, ...claims };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: key.alg, kid: kid ?? key.kid })
      .sign(key.privateKey);
  }

  async publicKeyPem(): Promise<string> {
    const key = this.published.at(-1);
    if (!key) throw new Error('the issuer has no key');
    return exportSPKI(key.publicKey);
  }

  stop(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.close((error) => (error ? reject(error) : resolve()));
      this.server.closeAllConnections();
    });
  }

  private answer(path: string): { readonly status: number; readonly body: string } {
    if (this.mode === 'down') return { status: 503, body: '' };
    if (this.mode === 'rubbish') return { status: 200, body: '<html>' };
    if (path === '/.well-known/openid-configuration') {
      return { status: 200, body: JSON.stringify({ issuer: this.url, jwks_uri: this.jwksUri }) };
    }
    if (path !== '/keys') return { status: 404, body: '{}' };
    this.asked++;
    return { status: 200, body: JSON.stringify({ keys: this.published.map(({ jwk }) => jwk) }) };
  }
}

/** A key that nobody publishes, unless it is added to an issuer. */
export async function makeKey(kid: string, alg = 'RS256'): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, publicKey, jwk };
}
