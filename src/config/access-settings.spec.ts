import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './index.js';

describe('policy and rules of a connection', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bridge-access-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function load(lines: string, env: NodeJS.ProcessEnv = {}) {
    const path = join(folder, 'bridge.yaml');
    await writeFile(
      path,
      `connections:\n  - name: okta\n${lines.replaceAll(/^/gm, '    ')}\n  - name: other\n`,
    );
    return loadConfig({ ...env, BRIDGE_CONFIG: path });
  }
  async function faultsOf(lines: string): Promise<readonly string[]> {
    const error: unknown = await load(lines).catch((reason: unknown) => reason);
    if (!(error instanceof ConfigError)) expect.fail(`no fault: ${String(error)}`);
    return error.faults;
  }

  it('takes from the environment what the file does not say, for each connection apart', async () => {
    const { connections } = await load('policy: { strict: true, adoptUsers: never }', {
      SITE_ROLES: 'auditor',
      ADOPT_USERS: 'approve',
    });
    expect(
      connections.map(({ policy: { strict, adoptUsers, siteRoles } }) => [strict, adoptUsers, siteRoles]),
    ).toEqual([
      [true, 'never', ['auditor']],
      [false, 'approve', ['auditor']],
    ]);
  });

  it('reads what groups and roles grant, with roles in the connection’s organization or in named ones', async () => {
    const { connections } = await load(`rules:
  groups:
    Platform Admins: { siteRoles: [user-admin], organizations: platform, organizationRoles: [organization-admin] }
    auditors: { organizationRoles: { platform: [organization-auditor], data: builders } }
  roles:
    Coder.Admin: { siteRoles: auditor }`);
    const rules = connections[0]?.rules;
    expect(rules?.groups.get('platform admins')).toEqual({
      siteRoles: ['user-admin'],
      organizations: ['platform'],
      organizationRoles: [{ role: 'organization-admin' }],
    });
    expect(rules?.groups.get('auditors')?.organizationRoles).toEqual([
      { organization: 'platform', role: 'organization-auditor' },
      { organization: 'data', role: 'builders' },
    ]);
    expect(rules?.roles.get('coder.admin')?.siteRoles).toEqual(['auditor']);
  });

  it('adds up what two spellings of one name grant', async () => {
    const { connections } = await load(`rules:
  groups:
    Ops: { siteRoles: [auditor] }
    OPS: { siteRoles: [template-admin] }`);
    expect(connections[0]?.rules.groups.get('ops')?.siteRoles).toEqual(['auditor', 'template-admin']);
  });

  it('names every fault with its place', async () => {
    const faults = await faultsOf(`policy: { strict: perhaps, adoptUsers: always, wat: 1, siteRoles: ["a b"] }
rules:
  groups: { Ops: { siteRole: [auditor] } }
  roles: [auditor]
  claims: {}`);
    expect(faults.map((fault) => fault.replace(/: expected.*/, '')).toSorted()).toEqual([
      'BRIDGE_CONFIG: connections[0].policy.adoptUsers',
      'BRIDGE_CONFIG: connections[0].policy.siteRoles',
      'BRIDGE_CONFIG: connections[0].policy.strict',
      'BRIDGE_CONFIG: connections[0].policy.wat: no such setting',
      'BRIDGE_CONFIG: connections[0].rules.claims: no such setting',
      'BRIDGE_CONFIG: connections[0].rules.groups',
      'BRIDGE_CONFIG: connections[0].rules.roles',
    ]);
  });

  it('may put connections into several organizations', async () => {
    const { connections } = await load('organization: platform');
    expect(connections.map(({ organization }) => organization)).toEqual(['platform', undefined]);
  });
});
