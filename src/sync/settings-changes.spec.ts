import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connectionConfig, USUAL_POLICY } from '../../test/support/connection-config.js';
import type { ConnectionConfig } from '../config/index.js';
import type { ConnectionMark } from '../directory/index.js';
import { SettingsChanges } from './settings-changes.js';

describe('the settings of connections', () => {
  const marks = new Map<string, ConnectionMark>();
  const raised: string[] = [];
  beforeAll(() => {
    for (const name of ['used', 'new'])
      marks.set(name, { id: name, name, digest: null, used: name === 'used' });
  });
  afterAll(() => marks.clear());

  async function take(...connections: ConnectionConfig[]): Promise<string[]> {
    raised.length = 0;
    const store = {
      all: () => Promise.resolve([...marks.values()]),
      remember: async (id: string, digest: string) => {
        const mark = marks.get(id);
        if (mark) marks.set(id, { ...mark, digest });
      },
      targetsOf: (id: string) => Promise.resolve([`target of ${id}`]),
    };
    const dirty = {
      raise: async (ids: readonly string[]) => {
        raised.push(...ids);
        return [];
      },
    };
    const changes = new SettingsChanges(store, dirty, { wake: () => undefined }, { connections });
    await changes.take();
    await changes.take();
    return raised;
  }
  const grant = { siteRoles: ['auditor'], organizations: [], organizationRoles: [] };
  const rules = (...names: string[]) => ({
    groups: new Map(names.map((name) => [name, grant])),
    roles: new Map(),
  });

  it('raise everybody of a connection whenever they changed, once', async () => {
    expect(await take(connectionConfig('used'), connectionConfig('new'))).toEqual(['target of used']);
    expect(await take(connectionConfig('used'), connectionConfig('new'))).toEqual([]);
    expect(await take(connectionConfig('used', { rules: rules('ops') }))).toEqual(['target of used']);
    expect(await take(connectionConfig('used', { rules: rules('ops'), organization: 'data' }))).toHaveLength(
      1,
    );
    const strict = { ...USUAL_POLICY, strict: true };
    expect(await take(connectionConfig('used', { policy: strict }))).toHaveLength(1);
  });

  it('raise everybody whose claims mean something else by the file, and nobody for another order of it', async () => {
    const sync = (first: string, second: string) => ({
      organizations: new Map([['coder', { groups: { field: first, mapping: { a: ['1'], b: ['2'] } } }]]),
      claims: new Map(
        [first, second]
          .toSorted()
          .map((name) => [name, { paths: [name], separator: null, absentIsEmpty: false }]),
      ),
    });
    await take(connectionConfig('used'));
    expect(await take(connectionConfig('used', { idpSync: sync('groups', 'roles') }))).toHaveLength(1);
    const { organizations, claims } = sync('groups', 'roles');
    const turned = { claims: new Map([...claims].toReversed()), organizations };
    expect(await take(connectionConfig('used', { idpSync: turned }))).toEqual([]);
    expect(await take(connectionConfig('used', { idpSync: sync('roles', 'groups') }))).toHaveLength(1);
  });

  it('raise nobody for another order of the same, nor for a connection without people', async () => {
    await take(connectionConfig('used', { rules: rules('a', 'b') }));
    expect(await take(connectionConfig('used', { rules: rules('b', 'a') }))).toEqual([]);
    expect(await take(connectionConfig('new', { organization: 'data' }))).toEqual([]);
  });
});
