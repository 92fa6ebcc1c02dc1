import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { Refusal, type RefusalCode } from '../../src/oidc/refusal.js';
import { startTestBridge, type TestBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';
import { CLIENT, OpenIdProvider } from '../support/openid-provider.js';

const page = await readFile('docs/claims.md', 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);

describe('docs/claims.md', () => {
  it.each(blocks('yaml'))('has a file that the bridge takes: %#', async (text) => {
    const secret = await configFile('the-secret-of-entra-in-a-file');
    const file = await configFile(text.replaceAll('/run/secrets/entra', secret.path));
    const name = 'the-secret-of-the-example';
    try {
      const env = { OKTA_CLIENT_SECRET: name, KEYCLOAK_CLIENT_SECRET: name, BRIDGE_CONFIG: file.path };
      const { connections, warnings } = loadConfig(env);
      expect(connections.map(({ oidc }) => oidc?.clientSecret)).toEqual([expect.any(String)]);
      expect(warnings).toBeUndefined();
    } finally {
      await Promise.all([file.remove(), secret.remove()]);
    }
  });

  it('names every setting, and no other', async () => {
    const source = await readFile('src/config/connections/oidc-settings.ts', 'utf8');
    const keys = [...source.matchAll(/^ {2}(\w+)[!?]:/gm)].map(([, key = '']) => key);
    const [, settings = ''] = /^## Settings$(.*?)^## /ms.exec(page) ?? [];
    const documented = [...settings.matchAll(/^\| `(\w+)` +\|/gm)].map(([, key = '']) => key);
    expect(documented.toSorted()).toEqual(keys.toSorted());
  });

  it('names every refusal with its status', async () => {
    const source = await readFile('src/oidc/refusal.ts', 'utf8');
    const [, table = ''] = /const STATUS[^{]*\{(.*?)\}/s.exec(source) ?? [];
    const codes = [...table.matchAll(/(\w+): \d+/g)].map(([, code = '']) => code as RefusalCode);
    const documented = [...page.matchAll(/^\| (\d{3}) +\| `(\w+)` +\|/gm)].map(([, ...row]) => row);
    expect(documented.toSorted()).toEqual(
      codes.map((code) => [String(new Refusal(code, '').status), code]).toSorted(),
    );
  });
});

describe('the requests in docs/claims.md', () => {
  let provider: OpenIdProvider;
  let bridge: TestBridge;
  beforeAll(async () => {
    provider = await OpenIdProvider.start();
    const env = { OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: CLIENT.id };
    bridge = await startTestBridge({ env });
  });
  afterAll(async () => {
    await bridge?.close();
    await provider?.stop();
  });

  it('are answered as the page says', async () => {
    const [recorded = '', refused = ''] = blocks('json');
    const post = async (token: string) => {
      const response = await fetch(`${bridge.scim.base.replace('/scim/v2', '')}/oidc/claims`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id_token: token }),
      });
      return response.json();
    };
    await bridge.scim.postUser('ada@corp.example', { externalId: 'ada' });
    expect(await post(await provider.sign({ groups: ['eng'] }))).toEqual({
      ...JSON.parse(recorded),
      version: expect.any(Number),
    });
    expect(await post(await provider.sign({ aud: 'other' }))).toEqual(JSON.parse(refused));
  });
});
