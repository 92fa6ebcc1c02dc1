import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { AdminBackend } from '../../src/cli/commands/admin-backend.js';
import { runCommand } from '../../src/cli/commands/program.js';
import type { Explanation } from '../../src/reconcile/index.js';
import { useClaimedBridge } from '../support/claimant.js';
import { ADMIN_TOKEN } from '../support/clients.js';
import { configFile } from '../support/config-file.js';

const CODER_USER = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User';

const FILE = `
connections:
  - name: first
    policy: { siteRoles: auditor }
    rules: { groups: { Operators: { siteRoles: auditor } } }
    idpSync:
      organizations: { coder: { groups: { field: groups }, roles: { field: org_roles } } }
`;

describe('idp-bridge explain', () => {
  let file: Awaited<ReturnType<typeof configFile>> | undefined;
  const bridge = useClaimedBridge(async () => {
    file = await configFile(FILE);
    return { env: { BRIDGE_CONFIG: file.path } };
  });
  let ann = '';
  beforeAll(async () => {
    const { simulator, scim } = bridge;
    simulator.admin.createGroup({ name: 'eng' });
    simulator.admin.createGroup({ name: 'by-hand' });
    ann = await scim.postUser('ann', { [CODER_USER]: { siteRoles: [{ value: 'owner' }] } });
    await scim.postGroup('Operators', [ann]);
    await bridge.claim('ann', { groups: ['eng', 'operators', 'sales'], org_roles: 'organization-auditor' });
    await bridge.untilSettled();
    simulator.admin.addToGroup('by-hand', 'ann');
  });
  afterAll(() => file?.remove());

  async function run(...argv: readonly string[]): Promise<string> {
    let out = '';
    await runCommand(['explain', ...argv], {
      open: async () => new AdminBackend(bridge.admin.base, ADMIN_TOKEN),
      out: (text) => (out += text),
      error: () => undefined,
      signal: new AbortController().signal,
    });
    return out;
  }
  const explain = async (user: string): Promise<Explanation> => JSON.parse(await run(user, '--json'));
  const factOf = ({ facts }: Explanation, kind: string, name: string) =>
    facts.find((fact) => fact.kind === kind && fact.name === name);

  it('tells every source of what is there, with its time', async () => {
    const told = await explain('ann@example.com');
    expect(told).toMatchObject({ user: { id: ann, userName: 'ann' }, state: 'applied' });
    expect(factOf(told, 'organization', 'coder')).toMatchObject({
      inCoder: true,
      why: null,
      sources: [{ by: 'connection' }],
    });
    expect(factOf(told, 'group', 'eng')).toMatchObject({
      inCoder: true,
      why: null,
      sources: [{ by: 'claims', because: expect.stringContaining('"eng"'), at: expect.stringMatching(/Z$/) }],
    });
    const operators = factOf(told, 'group', 'operators');
    expect(operators?.sources.map(({ by }) => by).toSorted()).toEqual(['claims', 'scim']);
    expect(factOf(told, 'siteRole', 'auditor')).toMatchObject({
      inCoder: true,
      sources: [{ by: 'rule', because: 'rule of the group "Operators"', at: expect.any(String) }],
    });
  });

  it('tells what somebody gave in Coder', async () => {
    expect(factOf(await explain('ann'), 'group', 'by-hand')).toMatchObject({
      inCoder: true,
      sources: [],
      why: expect.stringContaining('nobody states it'),
    });
  });

  it('tells why what is stated is not there: not allowed, no such group, on its way, paused', async () => {
    const { database, scim } = bridge;
    const told = await explain('ann');
    expect(factOf(told, 'siteRole', 'owner')).toMatchObject({
      inCoder: false,
      why: 'the policy does not let it be granted (SITE_ROLES)',
    });
    expect(factOf(told, 'organizationRole', 'organization-auditor')).toMatchObject({
      inCoder: false,
      why: 'the policy does not let it be granted (ORGANIZATION_ROLES)',
    });
    expect(told.nothing).toContainEqual({
      of: 'groups',
      organization: 'coder',
      value: 'sales',
      why: 'the organization has no group "sales", and missing groups are not made',
    });
    await bridge.admin.post('/api/v1/connections/first/pause');
    const bob = await scim.postUser('bob');
    await scim.postGroup('Waiting', [bob]);
    const paused = await explain('bob');
    expect(paused).toMatchObject({ state: 'paused', user: { account: null } });
    expect(paused.facts.map(({ why }) => why)).toEqual([
      'the connection is paused',
      'the connection of the group is paused',
    ]);
    await bridge.admin.post('/api/v1/connections/first/resume');
    await bridge.untilSettled();
    await database.query(
      `UPDATE bridge.targets SET failed_version = desired, failure = '{"detail":"Coder said no"}' WHERE id = $1`,
      [bob],
    );
    expect(await explain('bob')).toMatchObject({ state: 'failed', detail: 'Coder said no' });
  });

  it('tells what is untouched because its claim cannot be read', async () => {
    await bridge.claim('ann', { hasgroups: true, org_roles: 'organization-auditor' });
    await bridge.untilSettled();
    const told = await explain('ann');
    expect(told.claims).toEqual([
      {
        issuer: expect.any(String),
        issuedAt: expect.any(String),
        unreadable: { groups: expect.any(String) },
      },
    ]);
    expect(factOf(told, 'group', 'eng')).toMatchObject({ inCoder: true, sources: [{ by: 'claims' }] });
    expect(told.nothing).toContainEqual(
      expect.objectContaining({
        of: 'groups',
        value: null,
        why: expect.stringContaining('could not be had'),
      }),
    );
  });

  it('is a table for people, and names nobody whom there is not', async () => {
    const text = await run('ann');
    expect(text).toMatch(/^group eng +yes +claim "groups", value "eng"/m);
    expect(text).toMatch(/^site role owner +no +User siteRoles$/m);
    expect(text).toContain('NOT THERE: the policy does not let it be granted (SITE_ROLES)');
    expect(text).toContain('What claims came to nothing by:');
    await expect(run('nobody@example.com')).rejects.toThrow('There is no user nobody@example.com');
  });
});
