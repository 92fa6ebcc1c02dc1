import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionConfig } from '../config/index.js';
import { newId } from '../common/index.js';
import type { Engine } from '../database/index.js';
import { connectionConfig } from '../../test/support/connection-config.js';
import { memoryEngine } from '../../test/support/database.js';
import { connectionNames, findConnection, openConnections } from './connections.js';

const named = (name: string, formerly?: string): ConnectionConfig =>
  connectionConfig(name, formerly === undefined ? {} : { formerly });

describe('connections of the configuration', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await memoryEngine();
  });
  afterAll(() => engine.close());
  const open = (...configs: readonly ConnectionConfig[]) => openConnections(engine.database, configs);

  it('are made where they are missing, and stay the same afterwards', async () => {
    const first = await open(named('okta'), named('entra'));
    const again = await open(named('entra'), named('okta'));
    expect(again.connections.find('okta')?.id).toBe(first.connections.find('okta')?.id);
    expect(first.connections.find()?.name).toBe('okta');
    expect(again.connections.find()?.name).toBe('entra');
    expect(again.connections.find('none')).toBeUndefined();
    expect(again.retired).toEqual([]);
  });

  it('that are left out keep everything, are said to, and come back as they were', async () => {
    const before = (await open(named('okta'), named('entra'))).connections.find('okta');
    const id = newId();
    const query = (text: string) => engine.database.query(text, [id, before?.id]);
    await query(`INSERT INTO bridge.targets (id, kind, connection_id) VALUES ($1, 'group', $2)`);
    await query(
      `INSERT INTO bridge.groups (id, connection_id, target_id, display_name, display_name_key, document)
       VALUES ($1, $2, $1, 'Team', 'team', '{}')`,
    );
    const without = await open(named('entra'));
    expect(without.retired).toEqual([{ id: before?.id, name: 'okta', users: 0, groups: 1 }]);
    expect(without.connections.find('okta')).toBeUndefined();
    expect(await connectionNames(engine.database)).toEqual(['entra']);
    expect(await findConnection(engine.database, 'okta')).toMatchObject({ retired: true });
    const back = await open(named('entra'), named('okta'));
    expect(back.retired).toEqual([]);
    expect(back.connections.find('okta')?.id).toBe(before?.id);
  });

  it('take over the data of the name that they had before, once', async () => {
    const { connections } = await open(named('okta'), named('entra'));
    const renamed = await open(named('okta-prod', 'okta'), named('entra'));
    expect(renamed.connections.find()?.id).toBe(connections.find('okta')?.id);
    expect(renamed.retired).toEqual([]);
    // Said again at each start; a new connection of the old name is another one.
    const again = await open(named('okta-prod', 'okta'), named('entra'));
    expect(again.connections.find()?.id).toBe(connections.find('okta')?.id);
    const fresh = await open(named('okta'), named('entra'));
    expect(fresh.connections.find()?.id).not.toBe(connections.find('okta')?.id);
    expect(fresh.retired.map(({ name }) => name)).toEqual(['okta-prod']);
  });
});
