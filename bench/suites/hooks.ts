import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Pool } from 'undici';

import { engines, withBridge } from '../support/bridge.js';
import type { EngineName, Scene } from '../support/bridge.js';
import { median, p95, whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { each } from '../support/idp.js';
import { userBody } from '../support/people.js';

const USERS = 100;
/** One after the other, and so many in all by ten at once: everybody comes to work. */
const TIMES = 300;
const SECRET = 'the-secret-of-the-hooks-of-the-benchmark';
const TENANT = '6c1f5b0e-1f5e-4b8e-9c55-0d2f4a6b7c8d';
const API = '2a9d1c44-8f5a-4b53-a0c1-6f0e7d3b2c11';
const MICROSOFT = '99045fe1-7639-4a75-9d4a-577b6ca3810f';

interface Sent {
  readonly path: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface Issuer {
  readonly url: string;
  sign(): Promise<string>;
  close(): Promise<void>;
}

/** The keys of an identity provider, and a token as Entra ID calls with. */
async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', (request, response) => {
    const isKeys = request.url === '/keys';
    const document = isKeys ? { keys } : { issuer: url, jwks_uri: `${url}/keys` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  return {
    url,
    sign: () =>
      new SignJWT({ tid: TENANT, azp: MICROSOFT, ver: '2.0' })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setIssuer(url)
        .setAudience(API)
        .setExpirationTime('1h')
        .sign(privateKey),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const fileOf = (issuer: string): string => `
connections:
  - name: one
    oidc:
      issuer: '${issuer}'
      clientId: bridge
      hooks:
        oktaToken: { secrets: '${SECRET}' }
        oktaEvents: { secrets: '${SECRET}' }
        entra: { audience: ${API}, tenant: ${TENANT} }
        webhooks: [{ name: any, secrets: '${SECRET}' }]
`;

/** The requests of each hook, of the n-th login. Every one changes something. */
function requestsOf(issuer: string, token: string): Record<string, (n: number) => Sent> {
  const idOf = (n: number): string => `00u-login-${n % USERS}`;
  const groups = (n: number): string[] => Array.from({ length: 20 }, (_, i) => `group-${n}-${i}`);
  const json = { 'content-type': 'application/json' };
  const secret = { ...json, authorization: SECRET };
  return {
    'Okta, token inline hook': (n) => {
      const context = { user: { id: idOf(n), profile: { login: `login-${n}@example.com` } }, protocol: {} };
      const identity = { claims: { sub: idOf(n), iss: issuer, aud: 'bridge', groups: groups(n) } };
      const eventTime = new Date().toISOString();
      const body = { eventType: 'com.okta.oauth2.tokens.transform', eventTime, data: { context, identity } };
      return { path: '/oidc/hooks/okta/token', status: 204, headers: secret, body: JSON.stringify(body) };
    },
    'Okta, event hook': (n) => {
      const target = [{ id: idOf(n), type: 'User', alternateId: `login-${n}@example.com` }];
      const outcome = { result: 'SUCCESS' };
      const event = { uuid: randomUUID(), eventType: 'group.user_membership.add', outcome, target };
      const body = JSON.stringify({ data: { events: [event] } });
      return { path: '/oidc/hooks/okta/events', status: 204, headers: secret, body };
    },
    'Entra ID, custom claims provider': (n) => {
      const user = { id: idOf(n), userPrincipalName: `login-${n}@example.com`, mail: null };
      const data = { tenantId: TENANT, authenticationContext: { correlationId: randomUUID(), user } };
      const type = 'microsoft.graph.authenticationEvent.tokenIssuanceStart';
      const headers = { ...json, authorization: `Bearer ${token}` };
      return { path: '/oidc/hooks/entra', status: 200, headers, body: JSON.stringify({ type, data }) };
    },
    'signed webhook': (n) => {
      const body = JSON.stringify({ issuer, subject: idOf(n), claims: { groups: groups(n + 1_000_000) } });
      const t = Math.floor(Date.now() / 1_000);
      const v1 = createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex');
      const headers = { ...json, 'x-bridge-signature': `t=${t},v1=${v1}` };
      return { path: '/oidc/hooks/webhook/any', status: 202, headers, body };
    },
  };
}

async function measure(
  { url, idp, settled }: Scene,
  engine: EngineName,
  issuer: Issuer,
): Promise<string[][]> {
  const pool = new Pool(url, { connections: 10 });
  const send = async ({ path, status, headers, body }: Sent): Promise<number> => {
    const started = performance.now();
    const answer = await pool.request({ method: 'POST', path, headers, body });
    const text = await answer.body.text();
    // What does not come in time counts as it came.
    if (answer.statusCode !== status && answer.statusCode !== 503)
      throw new Error(`${path} was answered ${answer.statusCode}: ${text}`);
    return performance.now() - started;
  };
  const rows: string[][] = [];
  const numbers = Array.from({ length: TIMES }, (_, n) => n);
  for (let n = 0; n < USERS; n++) await idp.create('Users', userBody(`login-${n}`));
  await settled();
  for (const [name, requestOf] of Object.entries(requestsOf(issuer.url, await issuer.sign()))) {
    // The first ones warm up.
    for (const n of numbers.slice(0, 20)) await send(requestOf(n + 10 * TIMES));
    const single: number[] = [];
    for (const n of numbers) single.push(await send(requestOf(n)));
    const many: number[] = [];
    await each(numbers, async (n) => void many.push(await send(requestOf(n + TIMES))));
    rows.push(rowOf(engine, name, '1', single), rowOf(engine, name, '10', many));
    await settled();
  }
  await pool.close();
  return rows;
}

function rowOf(engine: EngineName, name: string, at: string, values: readonly number[]): string[] {
  const figures = [median(values), p95(values), Math.max(...values)].map((ms) => `${whole(ms)} ms`);
  return [engine, name, at, ...figures, `${values.filter((ms) => ms > 100).length}`];
}

/** How long identity providers wait for the answer to a hook, while Coder is being changed by those before. */
export async function hooks(): Promise<Section> {
  const issuer = await startIssuer();
  const folder = await mkdtemp(join(tmpdir(), 'idp-bridge-bench-hooks-'));
  const path = join(folder, 'bridge.yaml');
  await writeFile(path, fileOf(issuer.url));
  const rows: string[][] = [];
  try {
    for (const engine of engines())
      rows.push(
        ...(await withBridge(engine, (scene) => measure(scene, engine, issuer), undefined, {
          BRIDGE_CONFIG: path,
        })),
      );
  } finally {
    await issuer.close();
    await rm(folder, { recursive: true, force: true });
  }
  return {
    name: 'hooks',
    title: 'Answers to hooks of identity providers',
    setting: [
      `${TIMES} logins of ${USERS} users, each with other claims of 20 groups or an event of its own; one after the other, and ten at once.`,
      'Aim: no answer after 100 ms.',
    ],
    tables: [{ columns: ['engine', 'hook', 'at once', 'median', '95 %', 'longest', 'over 100 ms'], rows }],
  };
}
