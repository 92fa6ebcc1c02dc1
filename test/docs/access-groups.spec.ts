import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { loadConfig } from '../../src/config/index.js';
import { useBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';

const page = await readFile('docs/access.md', 'utf8');
const [, section = ''] = /\n## Groups\n(.*?)(?=\n## |$)/s.exec(page) ?? [];
const examplesIn = (language: string): string[] =>
  [...section.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);

describe('docs/access.md, groups', () => {
  const bridge = useBridge();

  it('has a group that becomes what it says', async () => {
    const { scim, simulator, admin } = bridge;
    const data = simulator.admin.createOrganization('data');
    const [docker, kubernetes] = ['docker', 'kubernetes'].map((name) =>
      simulator.admin.createTemplate(name, 'data'),
    );
    const [example = ''] = examplesIn('json');
    await scim.done('POST', '/Groups', example);
    await bridge.untilSettled();
    expect(await admin.failures()).toEqual([]);
    const group = simulator.state.groupsIn(data.id).find(({ name }) => name === 'data-platform');
    expect(group).toMatchObject({
      quota_allowance: 20,
      avatar_url: '/emojis/1f4ca.png',
      display_name: 'Data Platform',
    });
    const rolesOn = (id = '') => simulator.state.tables.get('template', id)?.group_acl;
    expect(rolesOn(docker?.id)).toMatchObject({ [group?.id ?? '']: 'use' });
    expect(rolesOn(kubernetes?.id)).toMatchObject({ [group?.id ?? '']: 'admin' });
  });

  it('has a file that the bridge takes', async () => {
    const [text = ''] = examplesIn('yaml');
    const file = await configFile(text);
    try {
      const { connections } = loadConfig({ BRIDGE_CONFIG: file.path });
      expect(connections[0]?.policy).toMatchObject({ strict: true, protectedGroups: ['admins', 'ops-*'] });
    } finally {
      await file.remove();
    }
  });
});
