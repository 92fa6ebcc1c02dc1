import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { DatabaseBackend } from '../../src/cli/commands/database-backend.js';
import { openBackend } from '../../src/cli/commands/open-backend.js';
import { connectCoder, type CoderConnection } from '../../src/coder/index.js';
import { loadConfig } from '../../src/config/index.js';
import type { Engine } from '../../src/database/index.js';
import { startSimulator, type Simulator } from '../../src/simulator/index.js';
import { ADMIN_TOKEN, startTestBridge } from '../support/bridge.js';
import { configFile } from '../support/config-file.js';
import { rulesBackend, runRules, type Printed } from '../support/rules-command.js';

const DEAD = '11111111-1111-4111-8111-111111111111';
const OIDC = 'oidc: { issuer: "https://idp.example", clientId: bridge }';

describe('the rules of IdP sync', () => {
  let simulator: Simulator;
  let coder: CoderConnection;
  let file: Awaited<ReturnType<typeof configFile>>;

  beforeEach(async () => {
    simulator = await startSimulator();
    const log = { error: () => undefined, warn: () => undefined };
    coder = connectCoder({ url: simulator.url, sessionToken: simulator.token }, { log });
    file = await configFile('');
    simulator.admin.createOrganization('labs');
  });
  afterEach(async () => {
    await coder.close();
    await simulator.close();
    await file.remove();
  });

  /** The command, with a file of these connections. */
  async function rules(connections: string, ...argv: readonly string[]): Promise<Printed> {
    await file.write(`connections:\n${connections}`);
    const config = loadConfig({ BRIDGE_CONFIG: file.path });
    return runRules(async () => rulesBackend(coder.client, config), argv);
  }
  const okta = (...lines: readonly string[]): string =>
    `  - name: okta\n    ${OIDC}\n${lines.map((line) => `    ${line}\n`).join('')}`;
  const idOf = (group: string): string => simulator.admin.group(group).id;
  const groupSync = () => simulator.state.groupSync.get(simulator.state.defaultOrganization.id);

  it('are shown with where each setting comes from, and who carries it out', async () => {
    const eng = simulator.admin.createGroup({ name: 'eng' }).id;
    simulator.admin.setGroupSync({ field: 'groups', mapping: { e: [eng] }, regex_filter: '^e' });
    simulator.admin.setRoleSync({ field: 'roles' });
    simulator.admin.set({ oidc: { groupField: 'groups', allowedGroups: ['staff'] } });
    const { out, problem } = await rules(
      okta(
        'idpSync:',
        '  siteRoles: { field: site, default: [auditor] }',
        '  organizations: { coder: { groups: { regex_filter: null, auto_create_missing_groups: true } } }',
        '  claims: { site: { path: [realm_access.roles], separator: ";" } }',
      ),
      'show',
    );
    expect(problem).toBeNull();
    expect(out.replaceAll(/ +\((file|Coder)\)/g, ' ($1)')).toBe(
      [
        'Connection okta',
        '  site roles: by the bridge',
        '    field    site     (file)',
        '    mapping  none     (Coder)',
        '    default  auditor  (file)',
        "  groups of coder: by the bridge, and by Coder's own login too",
        '    field                       groups                                        (Coder)',
        `    mapping                     e -> ${eng}     (Coder)`,
        '    regex_filter                none                                          (file)',
        '    auto_create_missing_groups  true                                          (file)',
        '    legacy_group_name_mapping   none                                          (Coder)',
        "  roles of coder: left alone: Coder's own role sync is on in this organization, and refuses to have roles of people of OIDC changed: see idp-bridge rules hand-over",
        '    field    roles  (Coder)',
        '    mapping  none   (Coder)',
        '  off, without a field: organizations, groups of labs, roles of labs',
        '  Coder lets in by the claim groups only: staff',
        '  claim site: at realm_access.roles, split at ";"; absent means unknown (beyond what Coder reads)',
        '',
      ]
        .join('\n')
        .replaceAll(/ +\((file|Coder)\)/g, ' ($1)'),
    );
  });

  it('are checked against the groups, organizations and roles that there are', async () => {
    const labs = simulator.admin.organization('labs').id;
    const eng = simulator.admin.createGroup({ name: 'eng' }).id;
    const far = simulator.admin.createGroup({ name: 'far' }, 'labs').id;
    simulator.admin.setGroupSync({ field: 'groups' }, 'labs');
    const { out, problem } = await rules(
      okta(
        'policy: { organizationRoles: [organization-admin] }',
        'idpSync:',
        `  organization: { field: o, mapping: { l: [${labs}], gone: [${DEAD}], odd: [labs] } }`,
        '  siteRoles: { field: s, mapping: { boss: [owner, nobody] }, default: [member] }',
        '  organizations:',
        `    coder:`,
        `      groups: { field: g, mapping: { good: [${eng}], bad: [${DEAD}], far: [${far}], name: [eng] } }`,
        '      roles: { field: r, mapping: { a: [organization-admin, organization-auditor], b: [gone] } }',
        '    labs: { groups: { regex_filter: "(?=a)" } }',
        '    nowhere: { groups: { field: g } }',
        '  claims: { unused: { path: x } }',
      ),
      'check',
      '--json',
    );
    expect(problem).toBe('Errors: 10.');
    const { findings } = JSON.parse(out) as {
      findings: { severity: string; where: string; message: string }[];
    };
    expect(findings.map(({ severity, where, message }) => `${severity} ${where}: ${message}`)).toEqual(
      [
        'error organizations: Coder has no organization "nowhere", which the file names.',
        `error organizations: "gone" is mapped to ${DEAD}, which is no organization of Coder.`,
        'error organizations: "odd" is mapped to "labs", which is no id.',
        'error site roles: "boss" is mapped to the role "nobody", which does not exist there.',
        'note site roles: The role "owner" is not granted, as the connection\'s policy does not list it (siteRoles).',
        'error site roles: The default "member" is no role of the site.',
        `error groups of coder: "bad" is mapped to ${DEAD}, which is no group of this organization.`,
        `error groups of coder: "far" is mapped to ${far}, which is the group "far" of labs.`,
        'error groups of coder: "name" is mapped to "eng", which is no id.',
        'note roles of coder: The role "organization-auditor" is not granted, as the connection\'s policy does not list it (organizationRoles).',
        expect.stringContaining("note groups of labs: Coder's own login syncs this too"),
        expect.stringContaining('error groups of labs: The filter "(?=a)" is none that RE2 takes'),
        'note claims: No sync has the field "unused", so that its path is not used.',
      ].toSpliced(
        9,
        0,
        'error roles of coder: "b" is mapped to the role "gone", which does not exist there.',
      ),
    );
  });

  it('are sound where nothing is wrong, and say what is worth knowing', async () => {
    expect(await rules(okta(), 'check')).toEqual({ out: 'The rules are sound.\n', problem: null });
    simulator.admin.set({ features: { template_rbac: false } });
    simulator.admin.setGroupSync({ field: 'g', regex_filter: '^a', mapping: { b: [] } });
    const { out, problem } = await rules('  - { name: plain }\n', 'check');
    expect(problem).toBeNull();
    expect(out).toContain("Coder's licence does not have the feature template_rbac.");
    expect(out).toContain('The filter keeps out "b", so that its mapping is not used.');
    expect(out).toContain('The connection takes no claims: it has no oidc.');
  });

  it('are pushed key by key: what the file does not say stays in Coder', async () => {
    const eng = simulator.admin.createGroup({ name: 'eng' }).id;
    simulator.admin.setGroupSync({
      field: '',
      mapping: { old: [eng] },
      regex_filter: '^x',
      auto_create_missing_groups: true,
    });
    const stated = okta(
      'idpSync:',
      '  organization: { organization_assign_default: false }',
      '  organizations:',
      '    coder:',
      `      groups: { field: groups, regex_filter: ^eng }`,
      '      roles: { field: roles, mapping: { boss: [organization-admin] } }',
    );
    const before = groupSync();
    const shown = await rules(stated, 'push');
    expect(shown.problem).toBeNull();
    expect(shown.out.split('\n')).toEqual([
      'organizations (okta): would change',
      '  organization_assign_default: true -> false',
      'groups of coder (okta): would change',
      '  field: "" -> "groups"',
      '  regex_filter: "^x" -> "^eng"',
      "  Coder's own login syncs it from then on.",
      'roles of coder (okta): would change',
      '  field: "" -> "roles"',
      '  mapping: {} -> {"boss":["organization-admin"]}',
      "  Coder's own login syncs it from then on, and the bridge leaves it alone.",
      '',
      'Nothing was written: say --yes to write it.',
      '',
    ]);
    expect(groupSync()).toEqual(before);
    expect((await rules(stated, 'push', '--yes')).out).toContain('groups of coder (okta): changed');
    expect(groupSync()).toEqual({
      field: 'groups',
      mapping: { old: [eng] },
      regex_filter: '^eng',
      auto_create_missing_groups: true,
    });
    const { defaultOrganization, roleSync, organizationSync } = simulator.state;
    expect(roleSync.get(defaultOrganization.id)).toEqual({
      field: 'roles',
      mapping: { boss: ['organization-admin'] },
    });
    expect(organizationSync).toEqual({ field: '', mapping: {}, organization_assign_default: false });
    expect(await rules(stated, 'push')).toEqual({
      out: 'Coder has what the file says already.\n',
      problem: null,
    });
  });

  it('are pushed to a Coder that knows whole documents only', async () => {
    const eng = simulator.admin.createGroup({ name: 'eng' }).id;
    simulator.admin.set({ profile: 's-new' });
    simulator.admin.setGroupSync({ field: 'g', mapping: { old: [eng] }, auto_create_missing_groups: true });
    const stated = okta('idpSync: { organizations: { coder: { groups: { field: groups } } } }');
    expect((await rules(stated, 'push', '--yes')).problem).toBeNull();
    expect(groupSync()).toEqual({
      field: 'groups',
      mapping: { old: [eng] },
      regex_filter: null,
      auto_create_missing_groups: true,
    });
  });

  it('are not pushed where Coder takes them from flags, where connections disagree, and where Coder refuses', async () => {
    const both = [
      okta(
        'idpSync:',
        '  siteRoles: { field: site }',
        '  organizations:',
        '    coder: { groups: { field: a, legacy_group_name_mapping: { a: b } }, roles: { field: one } }',
        '    labs: { groups: { regex_filter: "(" }, roles: { field: fine } }',
      ),
      '  - { name: entra, idpSync: { organizations: { coder: { roles: { field: two } } } } }\n',
    ].join('');
    const { out, problem } = await rules(both, 'push', '--yes');
    expect(problem).toBe('Not everything can be written: 4 of 5.');
    expect(out).toContain('from the flags CODER_OIDC_USER_ROLE_* of its server only');
    expect(out).toContain('from the flag CODER_OIDC_GROUP_MAPPING of its server only');
    expect(out).toContain('The connections okta and entra say different things of field');
    expect(out).toMatch(/groups of labs \(okta\): refused by Coder\n.*\n.*updateGroupSync|400|regexp/);
    expect(out).toContain('roles of labs (okta): changed');
    expect(groupSync()).toBeUndefined();
    const one = await rules(both, 'push', '--connection', 'entra');
    expect([one.problem, one.out.split('\n')[0]]).toEqual([null, 'roles of coder (entra): would change']);
  });

  it('tell before a push that saved settings put an end to the flags', async () => {
    simulator.admin.set({ oidc: { groupField: 'g', groupMapping: { a: 'b' } } });
    const stated = okta(
      'idpSync: { organizations: { coder: { groups: { auto_create_missing_groups: true } } } }',
    );
    const { out } = await rules(stated, 'push');
    expect(out).toContain('legacy_group_name_mapping: {"a":"b"} -> {}');
    expect(out).toContain('no more by the flags of its server');
  });

  it('are handed over once the file says what Coder says now; the mapping stays in Coder', async () => {
    simulator.admin.createGroup({ name: 'eng' });
    const mapping = { e: [idOf('eng')] };
    simulator.admin.setGroupSync({
      field: 'g',
      mapping,
      regex_filter: '^e',
      auto_create_missing_groups: true,
    });
    simulator.admin.setRoleSync({ field: 'r', mapping: { boss: ['organization-admin'] } });
    simulator.admin.setOrganizationSync({ field: 'o', mapping: {}, organization_assign_default: true });
    const early = await rules(okta('idpSync: { organization: { field: o } }'), 'hand-over', '--yes');
    expect(early.problem).toBe('Not everything can be written: 2 of 3.');
    expect(early.out.split('\n').slice(0, 6)).toEqual([
      'organizations (okta): changed',
      '  field: "o" -> ""',
      "  Coder's login leaves organizations alone; they can be changed by hand again.",
      '  The mapping stays in Coder, and the bridge goes on reading it there.',
      'groups of coder (okta): cannot be changed',
      '  field: "g" -> ""',
    ]);
    expect(early.out).toContain(
      'Put into the file first, and start the bridge with it: connection okta, idpSync: { organizations: { "coder": { groups: { field: "g" } } } }.',
    );
    const stated = okta(
      'idpSync:',
      '  organization: { field: o }',
      '  organizations: { coder: { groups: { field: g }, roles: { field: r } } }',
    );
    expect((await rules(stated, 'show')).out).toContain(
      "roles of coder: left alone: Coder's own role sync is on",
    );
    const planned = (await rules(stated, 'hand-over')).out;
    expect(planned).toContain('Nothing was written');
    expect(planned).toContain('does not grant what the policy of okta does not list: organization-admin.');
    expect(groupSync()?.field).toBe('g');
    expect((await rules(stated, 'hand-over', '--yes')).problem).toBeNull();
    expect(groupSync()).toEqual({ field: '', mapping, regex_filter: '^e', auto_create_missing_groups: true });
    const { defaultOrganization, roleSync, organizationSync } = simulator.state;
    expect(roleSync.get(defaultOrganization.id)).toEqual({
      field: '',
      mapping: { boss: ['organization-admin'] },
    });
    expect(organizationSync).toEqual({ field: '', mapping: {}, organization_assign_default: true });
    const { out } = await rules(stated, 'show');
    expect(out).toMatch(
      /groups of coder: by the bridge\n +field +g +\(file\)\n +mapping +e -> \S+ +\(Coder\)/,
    );
    expect(out).toMatch(/roles of coder: by the bridge\n +field +r +\(file\)/);
    expect((await rules(stated, 'hand-over')).out).toContain('there is nothing to hand over');
  });

  it('are not handed over by halves: names of the flags have to be in the file too, and site roles are a flag’s', async () => {
    simulator.admin.set({ oidc: { groupField: 'g', groupMapping: { a: 'b' }, userRoleField: 's' } });
    const half = okta('idpSync: { organizations: { coder: { groups: { field: g } } } }');
    const { out, problem } = await rules(half, 'hand-over', '--yes');
    expect(problem).toBe('Not everything can be written: 2 of 2.');
    expect(out).toContain('unset CODER_OIDC_USER_ROLE_FIELD on its server');
    expect(out).toContain('groups: { legacy_group_name_mapping: {"a":"b"} }');
    expect(groupSync()).toBeUndefined();
    const whole = okta(
      'idpSync: { organizations: { coder: { groups: { field: g, legacy_group_name_mapping: { a: b } } } } }',
    );
    await rules(whole, 'hand-over', '--yes');
    expect(groupSync()).toMatchObject({ field: '', mapping: {} });
    expect((await rules(whole, 'show')).out).toMatch(/legacy_group_name_mapping +a -> b +\(file\)/);
  });

  it('are handed over for all connections, as Coder has them once; of one alone the others are told of', async () => {
    simulator.admin.setRoleSync({ field: 'r' });
    const both = [
      okta('idpSync: { organizations: { coder: { roles: { field: r } } } }'),
      `  - { name: entra, ${OIDC} }\n`,
    ].join('');
    const all = await rules(both, 'hand-over');
    expect(all.problem).toBe('Not everything can be written: 1 of 1.');
    expect(all.out).toContain('start the bridge with it: connection entra, idpSync:');
    const one = await rules(both, 'hand-over', '--connection', 'okta');
    expect(one.problem).toBeNull();
    expect(one.out).toContain("The connection entra goes by Coder's settings, and does it no more.");
  });

  it('are neither pushed nor handed over where Coder does not show its settings', async () => {
    simulator.admin.set({ profile: 's-old' });
    const stated = okta('idpSync: { organizations: { coder: { roles: { field: r, mapping: {} } } } }');
    for (const how of ['push', 'hand-over'])
      expect(await rules(stated, how, '--yes')).toEqual({
        out: expect.stringContaining('The settings of role sync could not be read: GET'),
        problem: 'Not everything can be written: 1 of 1.',
      });
    expect((await rules(stated, 'show')).out).toMatch(/roles of coder: by the bridge\n +field +r +\(file\)/);
  });

  it('are asked for in vain of a connection that there is not', async () => {
    await expect(rules(okta(), 'show', '--connection', 'nobody')).resolves.toMatchObject({
      problem: 'There is no connection "nobody".',
    });
  });
});

describe('the command rules', () => {
  it('says that it needs a bridge that runs where there is only its database', async () => {
    const database = new DatabaseBackend({ database: {}, close: async () => undefined } as Engine);
    for (const argv of [['show'], ['check'], ['push', '--yes'], ['hand-over']])
      expect(await runRules(async () => database, argv)).toMatchObject({
        out: '',
        problem: expect.stringContaining('which a bridge that runs is asked for'),
      });
  });

  it('asks the bridge that runs, and is told what is wrong in words', async () => {
    const file = await configFile(
      `connections:\n  - name: okta\n    ${OIDC}\n    idpSync: { organizations: { coder: { groups: { field: groups, mapping: { e: [${DEAD}] } } } } }`,
    );
    const bridge = await startTestBridge({ env: { BRIDGE_CONFIG: file.path } });
    try {
      const { base } = bridge.admin;
      const backend = () =>
        openBackend({ url: base }, { dataDir: '/nowhere/at/all', noColor: true, adminToken: ADMIN_TOKEN });
      expect((await runRules(backend, ['show'])).out).toMatch(/field +groups +\(file\)/);
      expect((await runRules(backend, ['show', '--json', '--connection', 'okta'])).out).toContain(
        '"driven":true',
      );
      const checked = await runRules(backend, ['check']);
      expect(checked.problem).toBe('Errors: 1.');
      expect(checked.out).toMatch(new RegExp(`error +okta +groups of coder +"e" is mapped to ${DEAD}`));
      expect((await runRules(backend, ['push', '--yes'])).out).toContain('groups of coder (okta): changed');
      expect((await runRules(backend, ['hand-over', '--yes'])).problem).toBeNull();
      const { groupSync, defaultOrganization } = bridge.simulator.state;
      expect(groupSync.get(defaultOrganization.id)).toMatchObject({ field: '', mapping: { e: [DEAD] } });
      expect((await runRules(backend, ['show', '--connection', 'x'])).problem).toBe(
        'There is no connection "x".',
      );
      const wrong = await bridge.admin.request('POST', '/api/v1/rules/push', { write: 'yes' });
      expect([wrong.status, wrong.body.error]).toEqual([400, 'badRequest']);
      await bridge.simulator.admin.stopListening();
      expect((await runRules(backend, ['check'])).problem).toMatch(/^Coder could not be asked: /);
    } finally {
      await bridge.close();
      await file.remove();
    }
  });
});
