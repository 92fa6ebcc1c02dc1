import type { JSONWebKeySet, JWK } from 'jose';
import { isJsonObject } from '../../common/index.js';
import type { JwtIssuer } from '../../config/index.js';

const TIMEOUT_MS = 5_000;
/** Larger answers are no key sets. */
const LARGEST_ANSWER = 1024 * 1024;
const MOST_KEYS = 200;

/** Fetches an issuer's keys. @throws Error when they cannot be had */
export type FetchKeys = (issuer: Pick<JwtIssuer, 'issuer' | 'jwksUri'>) => Promise<JSONWebKeySet>;

/** From `jwks_uri`: the configured one, or by discovery (OpenID Connect Discovery 1.0 section 4). */
export const fetchKeys: FetchKeys = async ({ issuer, jwksUri }) => {
  const { keys } = await getJson(jwksUri ?? (await discover(issuer)));
  if (!Array.isArray(keys)) throw new Error('the key set has no keys');
  // A symmetric key in a public document is a mistake, and would let anybody sign.
  const usable = keys
    .slice(0, MOST_KEYS)
    .filter((key): key is JWK => isJsonObject(key) && key['kty'] !== 'oct');
  return { keys: usable };
};

/** Where Entra ID describes the issuer of all organizations' tokens, which it writes with this in the tenant's place. */
const EVERY_TENANT = ['{tenantid}', 'organizations'] as const;

async function discover(issuer: string): Promise<string> {
  const base = issuer.replace(...EVERY_TENANT).replace(/\/$/, '');
  const document = await getJson(`${base}/.well-known/openid-configuration`);
  // Section 4.3: or anybody's document could be put in the place of this one.
  if (document['issuer'] !== issuer) throw new Error('the discovery document is of another issuer');
  const uri = document['jwks_uri'];
  if (typeof uri !== 'string' || !isSafe(uri)) throw new Error('the discovery document has no safe jwks_uri');
  return uri;
}

/** HTTPS, or HTTP to this machine. */
function isSafe(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  const here = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && here);
}

async function getJson(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > LARGEST_ANSWER) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (!isJsonObject(json)) throw new Error('the answer is no JSON object');
  return json;
}
