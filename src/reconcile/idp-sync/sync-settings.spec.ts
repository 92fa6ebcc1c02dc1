import { describe, expect, it } from 'vitest';

import { connectionConfig } from '../../../test/support/connection-config.js';
import { GoneError, RejectedError, ServerError, TransientError } from '../../coder/index.js';
import { FakeTime } from '../../coder/testing/fake-time.js';
import type { IdpSyncConfig } from '../../config/index.js';
import { CoderSettings, type SettingsSource } from './coder-settings.js';
import { SyncSettings } from './sync-settings.js';

const HOME = 'aaaaaaaa-0000-4000-8000-000000000000';
const LABS = 'bbbbbbbb-0000-4000-8000-000000000000';
const ALL = ['multiple_organizations', 'template_rbac', 'user_role_management'];

/** Coder with two organizations, and the settings of a connection. */
function given(config: Partial<IdpSyncConfig> = {}, features: readonly string[] = ALL) {
  const time = new FakeTime();
  const calls: string[] = [];
  const fail = new Map<string, Error>();
  const answer = <T>(call: string, value: T): Promise<T> => {
    calls.push(call);
    const error = fail.get(call);
    return error ? Promise.reject(error) : Promise.resolve(value);
  };
  const groups = new Map([[HOME, { field: 'groups', mapping: { eng: ['id-1'] }, regex_filter: '^e' }]]);
  const roles = new Map<string, { field: string; mapping: Record<string, string[]> }>();
  const organization = { field: '', mapping: {}, organization_assign_default: true };
  const oidc: Record<string, unknown> = { groups_field: 'groups', group_allow_list: ['staff'] };
  const source: SettingsSource = {
    listOrganizations: () =>
      answer('organizations', [
        { id: HOME, name: 'coder', is_default: true },
        { id: LABS, name: 'Labs', is_default: false },
      ]),
    entitlements: () =>
      answer('entitlements', {
        has_license: true,
        features: Object.fromEntries(
          features.map((name) => [name, { entitlement: 'entitled', enabled: true }]),
        ),
      }),
    deploymentConfig: () => answer('flags', { config: { oidc } }),
    getOrganizationSync: () => answer('organization', organization),
    getGroupSync: (id) => answer(`groups ${id}`, groups.get(id) ?? { field: '', mapping: {} }),
    getRoleSync: (id) => answer(`roles ${id}`, roles.get(id) ?? { field: '', mapping: {} }),
  };
  const idpSync = { organizations: new Map(), claims: new Map(), ...config };
  const coder = new CoderSettings(source, time);
  const settings = new SyncSettings(coder, { connections: [connectionConfig('okta', { idpSync })] });
  const of = (...ids: string[]) => settings.of('okta', ids);
  const forget = (): string[] => calls.splice(0).toSorted();
  return { time, fail, groups, roles, organization, oidc, coder, settings, of, forget };
}

describe('the settings of IdP sync', () => {
  it('are Coder’s own where the file says nothing', async () => {
    const { of, settings } = given();
    const rules = await of(HOME, LABS, 'unknown');
    expect(rules).toEqual({
      allowList: { field: 'groups', groups: ['staff'] },
      organization: { field: '', mapping: {}, assignDefault: true },
      site: { field: '', mapping: {}, defaults: [] },
      organizations: new Map([
        [
          HOME,
          {
            group: {
              field: 'groups',
              mapping: { eng: ['id-1'] },
              regexFilter: '^e',
              autoCreate: false,
              legacyMapping: {},
            },
            role: { field: '', mapping: {} },
          },
        ],
        [
          LABS,
          {
            group: { field: '', mapping: {}, regexFilter: null, autoCreate: false, legacyMapping: {} },
            role: { field: '', mapping: {} },
          },
        ],
      ]),
    });
    expect(await settings.of('gone', [HOME])).toEqual({
      ...rules,
      organizations: new Map([...rules.organizations].slice(0, 1)),
    });
  });

  it('are the file’s key by key, for organizations by name or id', async () => {
    const { of } = given({
      organization: { field: 'orgs', mapping: { l: [LABS] } },
      siteRoles: { field: 'site', defaults: ['auditor'] },
      organizations: new Map([
        ['CODER', { groups: { regexFilter: null, autoCreate: true } }],
        [LABS.toUpperCase(), { groups: { field: 'labs' }, roles: { field: 'r', mapping: { a: ['b'] } } }],
      ]),
    });
    const { organization, site, organizations } = await of(HOME, LABS);
    expect(organization).toMatchObject({ field: 'orgs', mapping: { l: [LABS] }, assignDefault: true });
    expect(site).toEqual({ field: 'site', mapping: {}, defaults: ['auditor'] });
    expect(organizations.get(HOME)?.group).toMatchObject({
      field: 'groups',
      mapping: { eng: ['id-1'] },
      regexFilter: null,
      autoCreate: true,
    });
    expect(organizations.get(LABS)).toMatchObject({
      group: { field: 'labs', mapping: {} },
      role: { field: 'r', mapping: { a: ['b'] } },
    });
  });

  it('leave alone what Coder’s own login keeps to itself; groups it does not', async () => {
    const { of, organization, oidc, roles } = given({
      organization: { field: 'orgs', mapping: {} },
      siteRoles: { field: 'mine' },
      organizations: new Map([['labs', { roles: { field: 'r' } }]]),
    });
    organization.field = 'o';
    oidc['user_role_field'] = 'r';
    roles.set(HOME, { field: 'r', mapping: {} });
    const rules = await of(HOME, LABS);
    expect(rules.organization).toEqual({
      unread: expect.stringContaining("Coder's own organization sync is on"),
    });
    expect(rules.site).toEqual({ unread: expect.stringContaining('unset CODER_OIDC_USER_ROLE_FIELD') });
    expect(rules.organizations.get(HOME)).toMatchObject({
      group: { field: 'groups' },
      role: { unread: expect.stringContaining("Coder's own role sync is on") },
    });
    expect(rules.organizations.get(LABS)?.role).toEqual({ field: 'r', mapping: {} });
  });

  it('leave alone what the licence does not have', async () => {
    const { of } = given({ siteRoles: { field: 'r' } }, ['multiple_organizations']);
    const { site, organizations } = await of(HOME);
    expect(site).toEqual({ unread: "Coder's licence does not have the feature user_role_management" });
    expect(organizations.get(HOME)?.group).toEqual({ unread: expect.stringContaining('template_rbac') });
  });

  it('leave one organization alone whose settings Coder refuses to show, and no other', async () => {
    const { of, fail } = given();
    for (const error of [new RejectedError('GET', 'no', 403), new GoneError('GET', 'no', 404)]) {
      fail.set(`groups ${LABS}`, error);
      const { organizations } = await of(HOME, LABS);
      expect(organizations.get(LABS)).toMatchObject({
        group: { unread: expect.stringMatching(/group sync could not be read: GET: 40/) },
        role: { field: '' },
      });
      expect(organizations.get(HOME)?.group).toMatchObject({ field: 'groups' });
    }
  });

  it('go by the file alone where Coder shows none, if the file says all that decides', async () => {
    const half = given({ organization: { field: 'o' }, siteRoles: { field: 's', mapping: {} } });
    half.fail.set('organization', new ServerError('GET', 'no', 500));
    half.fail.set('flags', new RejectedError('GET', 'no', 403));
    const rules = await half.of(HOME);
    expect(rules.organization).toEqual({ unread: expect.stringContaining('organization sync') });
    expect(rules.site).toEqual({ field: 's', mapping: {}, defaults: [] });
    expect(rules.allowList).toEqual({ unread: expect.stringContaining('the OIDC flags') });
  });

  it('are asked for anew where they were read before the time that somebody names', async () => {
    const { settings, of, forget, time } = given();
    await of(HOME);
    await time.advance(10_000);
    forget();
    await settings.of('okta', [HOME], 10_001);
    expect(forget()).toEqual([]);
    await settings.of('okta', [HOME], 9_999);
    expect(forget()).toHaveLength(6);
    await settings.of('okta', [HOME], 9_999);
    expect(forget()).toEqual([]);
  });

  it('are asked for once in five minutes, by all who need them at the same time', async () => {
    const { of, forget, time, coder } = given();
    await Promise.all([of(HOME), of(HOME)]);
    const once = [
      'entitlements',
      'flags',
      `groups ${HOME}`,
      'organization',
      'organizations',
      `roles ${HOME}`,
    ];
    expect(forget()).toEqual(once);
    await time.advance(299_000);
    await of(HOME);
    expect(forget()).toEqual([]);
    await time.advance(1_000);
    await of(HOME);
    expect(forget()).toEqual(once);
    coder.forget();
    await of(HOME);
    expect(forget()).toEqual(once);
  });

  it('are looked for again after half a minute where they were refused, and at once where Coder was away', async () => {
    const { of, forget, time, fail } = given();
    fail.set(`roles ${HOME}`, new RejectedError('GET', 'no', 403));
    await of(HOME);
    forget();
    await time.advance(29_000);
    await of(HOME);
    expect(forget()).toEqual([]);
    await time.advance(1_000);
    fail.set(`roles ${HOME}`, new TransientError('GET', 'away', false));
    await expect(of(HOME)).rejects.toThrow('away');
    expect(forget()).toContain(`roles ${HOME}`);
    fail.clear();
    expect((await of(HOME)).organizations.get(HOME)?.role).toMatchObject({ field: '' });
  });

  it('find claims by the file’s paths', () => {
    const path = { paths: ['realm.roles'], separator: null, absentIsEmpty: false };
    const { settings } = given({ claims: new Map([['r', path]]) });
    const read = { claims: { realm: { roles: ['a'] } }, unreadable: {} };
    expect(settings.read('okta', read).claims).toEqual({ realm: { roles: ['a'] }, r: ['a'] });
    expect(settings.read('other', read)).toBe(read);
  });
});
