import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './index.js';

const GROUP = '11111111-1111-4111-8111-111111111111';

describe('IdP sync of a connection in the file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bridge-idp-sync-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function load(lines: string) {
    const path = join(folder, 'bridge.yaml');
    await writeFile(
      path,
      `connections:\n  - name: okta\n    idpSync:\n${lines.replaceAll(/^/gm, '      ')}\n`,
    );
    return loadConfig({ BRIDGE_CONFIG: path }).connections[0]?.idpSync;
  }
  async function faultsOf(lines: string): Promise<readonly string[]> {
    const error: unknown = await load(lines).catch((reason: unknown) => reason);
    if (!(error instanceof ConfigError)) expect.fail(`no fault: ${String(error)}`);
    return error.faults;
  }

  it('says in Coder’s own names what is otherwise than there', async () => {
    const read = await load(`
organization: { field: orgs, mapping: { acme: [${GROUP}] }, organization_assign_default: false }
siteRoles: { field: roles, mapping: { boss: owner, none: [] }, default: [auditor] }
organizations:
  data:
    groups:
      field: groups
      mapping: { eng: [${GROUP}], constructor: [], __proto__: [${GROUP}] }
      regex_filter: ^eng-
      auto_create_missing_groups: true
      legacy_group_name_mapping: { old: new }
    roles: { field: roles, mapping: { boss: [organization-admin] } }
  other:
    groups: { regex_filter: null, field: ~ }
claims:
  roles: { path: [realm_access.roles, "https://acme.example/roles"], separator: ";", absent: empty }
  groups: { path: teams }`);
    expect(read?.organization).toEqual({ field: 'orgs', mapping: { acme: [GROUP] }, assignDefault: false });
    expect(read?.siteRoles).toEqual({
      field: 'roles',
      mapping: { boss: ['owner'], none: [] },
      defaults: ['auditor'],
    });
    const data = read?.organizations.get('data');
    expect(data?.roles).toEqual({ field: 'roles', mapping: { boss: ['organization-admin'] } });
    expect(data?.groups).toMatchObject({
      field: 'groups',
      regexFilter: '^eng-',
      autoCreate: true,
      legacyMapping: { old: 'new' },
    });
    expect(Object.entries(data?.groups?.mapping ?? {})).toEqual([
      ['eng', [GROUP]],
      ['constructor', []],
      ['__proto__', [GROUP]],
    ]);
    expect(read?.organizations.get('other')).toEqual({ groups: { regexFilter: null } });
    expect([...(read?.claims ?? [])]).toEqual([
      [
        'roles',
        {
          paths: ['realm_access.roles', 'https://acme.example/roles'],
          separator: ';',
          absentIsEmpty: true,
        },
      ],
      ['groups', { paths: ['teams'], separator: null, absentIsEmpty: false }],
    ]);
  });

  it('says nothing where it is not there, and nothing is needed in it', async () => {
    const path = join(folder, 'plain.yaml');
    await writeFile(path, 'connections: [{ name: okta }, { name: entra, idpSync: {} }]');
    const [okta, entra] = loadConfig({ BRIDGE_CONFIG: path }).connections;
    expect(okta).not.toHaveProperty('idpSync');
    expect(entra?.idpSync).toEqual({ organizations: new Map(), claims: new Map() });
  });

  it('tells every fault with its place', async () => {
    expect(
      await faultsOf(`
organization: { field: 7, assign_default: true }
siteRoles: [roles]
organizations:
  data:
    groups: { mapping: { eng: [7] }, regex_filter: {}, auto_create_missing_groups: "yes" }
    role: {}
  "a b": 5
claims:
  roles: { path: [], separator: "", absent: none }
  deep: { path: ${'a.'.repeat(20)} }
more: 1`),
    ).toEqual([
      'BRIDGE_CONFIG: connections[0].idpSync.more: no such setting',
      'BRIDGE_CONFIG: connections[0].idpSync.organization.assign_default: no such setting',
      'BRIDGE_CONFIG: connections[0].idpSync.organization.field: expected a text of at most 512 characters',
      'BRIDGE_CONFIG: connections[0].idpSync.siteRoles: expected settings (a mapping of keys to values)',
      'BRIDGE_CONFIG: connections[0].idpSync.organizations.data.role: no such setting',
      'BRIDGE_CONFIG: connections[0].idpSync.organizations.data.groups.mapping.eng: expected a text or a list of at most 1000 texts',
      'BRIDGE_CONFIG: connections[0].idpSync.organizations.data.groups.regex_filter: expected a regular expression of at most 4096 characters, or null',
      'BRIDGE_CONFIG: connections[0].idpSync.organizations.data.groups.auto_create_missing_groups: expected true or false',
      'BRIDGE_CONFIG: connections[0].idpSync.organizations."a b": expected settings (a mapping of keys to values)',
      'BRIDGE_CONFIG: connections[0].idpSync.claims.roles.separator: expected a text of 1 to 8 characters',
      'BRIDGE_CONFIG: connections[0].idpSync.claims.roles.absent: expected one of unknown, empty',
      'BRIDGE_CONFIG: connections[0].idpSync.claims.roles.path: expected 1 to 20 paths of at most 12 steps',
      'BRIDGE_CONFIG: connections[0].idpSync.claims.deep.path: expected 1 to 20 paths of at most 12 steps',
    ]);
    expect(await faultsOf('- a')).toEqual([
      'BRIDGE_CONFIG: connections[0].idpSync: expected settings (a mapping of keys to values)',
    ]);
  });
});
