import { describe, expect, it } from 'vitest';

import { connectionConfig } from '../../../test/support/connection-config.js';
import { RejectedError } from '../../coder/index.js';
import { FakeTime } from '../../coder/testing/fake-time.js';
import { CoderSettings, type SettingsSource } from './coder-settings.js';
import { SettingDigests } from './setting-digests.js';
import { SyncSettings } from './sync-settings.js';

const HOME = 'aaaaaaaa-0000-4000-8000-000000000000';
const LABS = 'bbbbbbbb-0000-4000-8000-000000000000';
const UNUSED = 'cccccccc-0000-4000-8000-000000000000';

/** Coder with three organizations, and two connections. */
function given() {
  const calls: string[] = [];
  const group = { field: 'groups', mapping: {} };
  const refused = new Set<string>();
  const feature = { entitlement: 'entitled', enabled: true };
  const source: SettingsSource = {
    listOrganizations: async () => [
      { id: HOME, name: 'home', is_default: true },
      { id: LABS, name: 'labs', is_default: false },
      { id: UNUSED, name: 'unused', is_default: false },
    ],
    entitlements: async () => ({ has_license: true, features: { template_rbac: feature } }),
    deploymentConfig: async () => ({ config: {} }),
    getOrganizationSync: async () => ({ field: '', mapping: {} }),
    getGroupSync: async (id) => {
      calls.push(id);
      if (refused.has(id)) throw new RejectedError('GET', 'no', 403);
      return { ...group };
    },
    getRoleSync: async () => ({ field: '', mapping: {} }),
  };
  const time = new FakeTime();
  const organizations = new Map([['Labs', { groups: { autoCreate: true } }]]);
  const connections = [
    connectionConfig('okta'),
    connectionConfig('entra', { idpSync: { organizations, claims: new Map() } }),
  ];
  const coder = new CoderSettings(source, time);
  const settings = new SyncSettings(coder, { connections });
  const digests = new SettingDigests(coder, settings, { connections, coder: { url: 'simulator' } }, time);
  const of = async (organizationsOfOkta: readonly string[] = []) => {
    // Whatever was read at an earlier time is read anew.
    await time.advance(1);
    const found = await digests.of([
      { name: 'okta', organizations: organizationsOfOkta },
      { name: 'entra', organizations: [] },
    ]);
    return { okta: found.get('okta') ?? {}, entra: found.get('entra') ?? {} };
  };
  return { of, calls, group, refused };
}

describe('the digests of settings', () => {
  it('change with what Coder says, read once for all connections, of the organizations in use', async () => {
    const { of, calls, group } = given();
    const before = await of();
    expect(calls.splice(0).toSorted()).toEqual([HOME, LABS]);
    expect(Object.keys(before.okta)).toContain(`groups ${HOME}`);
    expect(Object.keys(before.okta)).not.toContain(`groups ${LABS}`);
    expect(before.entra[`groups ${LABS}`]).not.toBe(before.entra[`groups ${HOME}`]);
    expect(await of()).toEqual(before);
    group.field = 'teams';
    const after = await of([LABS]);
    expect(after.okta[`groups ${HOME}`]).not.toBe(before.okta[`groups ${HOME}`]);
    expect(after.okta[`roles ${HOME}`]).toBe(before.okta[`roles ${HOME}`]);
    expect(Object.keys(after.okta)).toContain(`groups ${LABS}`);
  });

  it('leave out what Coder does not show', async () => {
    const { of, refused } = given();
    const before = await of();
    refused.add(HOME);
    const { [`groups ${HOME}`]: _refused, ...rest } = before.okta;
    expect((await of()).okta).toEqual(rest);
    refused.clear();
    expect(await of()).toEqual(before);
  });
});
