import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connectCoder, type CoderConnection } from '../../src/coder/index.js';
import { loadConfig } from '../../src/config/index.js';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { configFile } from '../support/config-file.js';
import { rulesBackend, runRules } from '../support/rules-command.js';

const page = await readFile('docs/claims-rules.md', 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
const [FIRST = '', ...OTHERS] = blocks('yaml');
/** Of the example's group: ids that are made anew could not stand on a page. */
const PLATFORM = '7c1f5d3e-2b0a-4e57-9d1c-6a8f0e4b2d11';
const DELETED = '0b6e1f9a-5d44-4c0e-8a37-2f1d9c5e7b66';

describe('docs/claims-rules.md', () => {
  let simulator: Simulator;
  let coder: CoderConnection;
  let file: Awaited<ReturnType<typeof configFile>>;
  beforeAll(async () => {
    simulator = await startSimulator();
    const log = { error: () => undefined, warn: () => undefined };
    coder = connectCoder({ url: simulator.url, sessionToken: simulator.token }, { log });
    file = await configFile(FIRST);
    const { admin, state } = simulator;
    const texts = { display_name: '', avatar_url: '', quota_allowance: 0, source: 'user' } as const;
    const organization_id = state.defaultOrganization.id;
    state.apply(['group', { id: PLATFORM, organization_id, name: 'platform', ...texts }]);
    const mapping = { 'Platform Engineers': [PLATFORM], 'Old Team': [DELETED] };
    admin.setGroupSync({ field: 'groups', mapping, regex_filter: '^[A-Z]' });
    admin.setRoleSync({ field: 'roles', mapping: { Boss: ['organization-boss'] } });
  });
  afterAll(async () => {
    await coder?.close();
    await simulator?.close();
    await file?.remove();
  });

  it('has files that the bridge takes', async () => {
    expect(OTHERS).toHaveLength(1);
    for (const text of OTHERS) {
      const other = await configFile(text);
      const { connections, warnings } = loadConfig({ BRIDGE_CONFIG: other.path });
      expect(connections[0]?.idpSync?.claims.size).toBe(2);
      expect(warnings).toBeUndefined();
      await other.remove();
    }
  });

  it('has commands that print what it says, one after the other', async () => {
    const config = loadConfig({ BRIDGE_CONFIG: file.path });
    for (const block of blocks('console')) {
      const [command = '', ...lines] = block.trimEnd().split('\n');
      const argv = command.replace('$ idp-bridge rules ', '').split(' ');
      const { out, problem } = await runRules(async () => rulesBackend(coder.client, config), argv);
      const printed = `${out}${problem ?? ''}`.trimEnd();
      expect(printed.split('\n'), command).toEqual(lines);
    }
  });
});
