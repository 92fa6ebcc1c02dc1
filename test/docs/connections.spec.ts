import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { switchableDialects } from '../../src/scim/dialects/index.js';
import { configFile } from '../support/config-file.js';

const page = await readFile('docs/connections.md', 'utf8');
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

const SECRETS = {
  OKTA_SCIM_TOKEN: 'okta-token-of-the-example',
  OKTA_SCIM_TOKEN_NEXT: 'next-okta-token-of-the-example',
  ENTRA_SECRET: 'entra-secret-of-the-example',
  ENTRA_SECRET_NEXT: 'next-entra-secret-of-the-example',
};

describe('docs/connections.md', () => {
  it.each(examples)('has a file that the bridge takes: %#', async (text) => {
    const file = await configFile(text);
    try {
      const env = { ...SECRETS, BRIDGE_CONFIG: file.path };
      const { connections, warnings } = loadConfig(env, { dialects: switchableDialects });
      expect(connections.length).toBeGreaterThan(0);
      expect(warnings).toBeUndefined();
    } finally {
      await file.remove();
    }
  });

  it('has three of them', () => {
    expect(examples).toHaveLength(3);
  });

  it('names every key of a policy', async () => {
    const source = await readFile('src/config/connections/policy-settings.ts', 'utf8');
    const [, body = ''] = /class PolicySettings \{(.*?)\n\}/s.exec(source) ?? [];
    const keys = [...body.matchAll(/^ {2}(\w+)[!?]:/gm)].map(([, key = '']) => key);
    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });

  it('names every key of a connection, and no other', async () => {
    const source = await readFile('src/config/connections/settings.ts', 'utf8');
    const keysOf = (name: string): string[] => {
      const [, body = ''] = new RegExp(`class ${name} \\{(.*?)\\n\\}`, 's').exec(source) ?? [];
      return [...body.matchAll(/^ {2}(\w+)[!?]:/gm)].map(([, key = '']) => key);
    };
    const documented = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, key = '']) => key);
    const known = [...keysOf('ConnectionSettings'), ...keysOf('JwtSettings')];
    expect(documented.toSorted()).toEqual(known.toSorted());
  });
});
