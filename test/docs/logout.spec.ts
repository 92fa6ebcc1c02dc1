import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { startTestBridge, type TestBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';
import { freePort } from '../support/free-port.js';
import { CLIENT, OpenIdProvider } from '../support/openid-provider.js';

const run = promisify(execFile);
const page = await readFile('docs/logout.md', 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);

describe('docs/logout.md', () => {
  let provider: OpenIdProvider;
  let bridge: TestBridge;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    provider = await OpenIdProvider.start();
    const oidc = { OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: CLIENT.id };
    bridge = await startTestBridge({ env: { PORT: String(port), PUBLIC_URL: url, ...oidc } });
    await bridge.scim.postUser('ada', { externalId: 'ada', emails: [{ value: 'ada@corp.example' }] });
  });
  afterAll(async () => {
    await bridge?.close();
    await provider?.stop();
  });

  /** Runs a command of the page at this bridge. */
  const shell = async (command: string, env: Record<string, string>): Promise<string> => {
    const here = command.replaceAll('https://bridge.example.com', url);
    const { stdout } = await run('sh', ['-c', here], { env: { PATH: process.env['PATH'], ...env } });
    return stdout;
  };

  it('has a file that the bridge takes', async () => {
    const [text = ''] = blocks('yaml');
    const file = await configFile(text);
    try {
      const { connections } = loadConfig({ BRIDGE_CONFIG: file.path });
      expect(connections.map(({ policy }) => policy.revokeOnLogout)).toEqual([true]);
    } finally {
      await file.remove();
    }
  });

  it('has commands that are answered as it says', async () => {
    const [backchannel = '', universal = ''] = blocks('sh');
    const [refused = ''] = blocks('json');
    const jti = randomUUID();
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const logout = { jti, events };
    const typed = { header: { typ: 'logout+jwt' } };
    expect(await shell(backchannel, { LOGOUT_TOKEN: await provider.sign(logout, typed) })).toMatch(
      /^HTTP\/1.1 200 /,
    );
    const wrong = await shell(backchannel, {
      LOGOUT_TOKEN: await provider.sign({ ...logout, aud: 'other' }, typed),
    });
    expect(wrong).toMatch(/^HTTP\/1.1 400 /);
    expect(JSON.parse(wrong.slice(wrong.indexOf('{')))).toEqual(JSON.parse(refused));
    const aud = `${url}/oidc/universal-logout`;
    const revocation = { header: { typ: 'global-token-revocation+jwt' } };
    const token = await provider.sign({ aud, jti: randomUUID() }, revocation);
    expect(await shell(universal, { TOKEN: token })).toMatch(/^HTTP\/1.1 204 /);
  });
});
