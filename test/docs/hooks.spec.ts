import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { startTestBridge, type TestBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';

const page = await readFile('docs/hooks.md', 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
const SECRET = 'the-secret-of-the-example';
const ISSUER = 'https://idp.example.com/';

describe('docs/hooks.md', () => {
  it.each(blocks('yaml'))('has a file that the bridge takes: %#', async (text) => {
    const file = await configFile(text);
    const env = { BRIDGE_CONFIG: file.path, OKTA_HOOK_SECRET: SECRET, WEBHOOK_SECRET: SECRET };
    try {
      const { connections, warnings } = loadConfig(env);
      expect(connections[0]?.oidc?.hooks).toBeDefined();
      expect(warnings).toBeUndefined();
    } finally {
      await file.remove();
    }
  });

  it('names every setting, and no other', async () => {
    const source = await readFile('src/config/connections/hooks-settings.ts', 'utf8');
    const keys = [...source.matchAll(/^ {2}(\w+)[!?]:/gm)].map(([, key = '']) => key);
    const [, settings = ''] = /^## Settings$(.*?)^## /ms.exec(page) ?? [];
    const documented = [...settings.matchAll(/^\| `(\w+)` +\|/gm)].map(([, key = '']) => key);
    expect(documented.toSorted()).toEqual([...new Set(keys)].toSorted());
  });

  it('names every outcome that is counted', async () => {
    const source = await readFile('src/telemetry/metrics.ts', 'utf8');
    const [, type = ''] = /type HookOutcome =(.*?);/s.exec(source) ?? [];
    const [, listed = ''] = /counts what became of them:(.*?)\n\n/s.exec(page) ?? [];
    const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);
    expect(names(listed, /`(\w+)`/g)).toEqual(names(type, /'(\w+)'/g));
  });
});

describe('the examples in docs/hooks.md', () => {
  let bridge: TestBridge;
  let file: Awaited<ReturnType<typeof configFile>>;
  const origin = () => bridge.scim.base.replace('/scim/v2', '');
  beforeAll(async () => {
    file = await configFile(blocks('yaml')[2] ?? '');
    bridge = await startTestBridge({
      env: { BRIDGE_CONFIG: file.path, WEBHOOK_SECRET: SECRET },
      // Long: a bridge that has just started may be slow at its first hook, beside the shell that sends it.
      tuning: { hookMs: () => 20_000 },
    });
  });
  afterAll(async () => {
    await bridge?.close();
    await file?.remove();
  });
  const claimsOf = (subject: string) =>
    bridge.database.query('SELECT claims FROM bridge.subjects WHERE subject = $1', [subject]);
  const makeUser = (externalId: string) =>
    bridge.database.query(
      `WITH t AS (INSERT INTO bridge.targets (id, kind, connection_id, applied, desired)
         SELECT gen_random_uuid(), 'user', id, 1, 1 FROM bridge.connections RETURNING id, connection_id)
       INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, external_id, full_name, active, document)
       SELECT id, connection_id, 'ada', 'ada', $1, 'Ada', true, '{}' FROM t`,
      [externalId],
    );

  it('sign a request in a shell, and are answered as the page says', async () => {
    await makeUser('e-17');
    const script = (blocks('sh')[0] ?? '').replace('https://bridge.example.com', origin());
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      env: { PATH: process.env['PATH'], WEBHOOK_SECRET: SECRET },
    });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(blocks('json')[0] ?? ''));
    expect(await claimsOf('ada')).toEqual([{ claims: { sub: 'ada', groups: ['eng'] } }]);
  });

  it('sign a request in an Action of Auth0', async () => {
    interface Action {
      onExecutePostLogin?: (event: object) => Promise<void>;
    }
    const exports: Action = {};
    const globals = { exports, require: createRequire(import.meta.url), fetch, AbortSignal };
    runInNewContext(blocks('js')[0] ?? '', globals);
    await exports.onExecutePostLogin?.({
      secrets: { BRIDGE_URL: origin(), WEBHOOK_SECRET: SECRET, ISSUER },
      user: { user_id: 'auth0|5f7c', email: 'eve@corp.example', email_verified: false },
      authorization: { roles: ['ops'] },
    });
    expect(await claimsOf('auth0|5f7c')).toMatchObject([{ claims: { groups: ['ops'] } }]);
  });
});
