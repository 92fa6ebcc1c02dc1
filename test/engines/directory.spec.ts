import { AsyncResource } from 'node:async_hooks';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/common/index.js';
import type { Database, Engine, Queryable } from '../../src/database/index.js';
import { GroupDirectory, UserDirectory } from '../../src/directory/index.js';
import type { AttributeReference, MemberOperation, Query } from '../../src/directory/index.js';
import { postgresEngine } from '../support/database.js';
import { groupState, RecordedWakeUps, testDirectory, userState } from '../support/directory.js';
import type { TestDirectory } from '../support/directory.js';
import { eventually } from '../support/eventually.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';

describe.runIf(postgresAvailable())('the directory on PostgreSQL', () => {
  let postgres: TestPostgres;
  let engine: Engine;
  let database: Database;
  /** Runs something as if it were called from outside of the transaction that is open. */
  const outside = { run: AsyncResource.bind(<T>(work: () => T): T => work()) };

  beforeAll(async () => {
    postgres = await startPostgres();
    engine = await postgresEngine(postgres.url);
    database = engine.database;
  });
  afterAll(async () => {
    await engine?.close();
    await postgres?.stop();
  });

  /** Ids of `count` new users. */
  async function people({ users, context }: TestDirectory, count: number): Promise<string[]> {
    const pushes = Array.from({ length: count }, (_, n) => users.create(context, userState(`user-${n}`)));
    return (await Promise.all(pushes)).map((pushed) => pushed.resource.id);
  }

  async function membersOf({ groups, context }: TestDirectory, id: string): Promise<string[]> {
    const { members = [] } = await groups.get(context.connectionId, id, true);
    return members.map((member) => member.id);
  }

  it('loses none of fifty concurrent additions to one group, and counts each', async () => {
    const directory = await testDirectory(database);
    const ids = await people(directory, 50);
    const { groups, context } = directory;
    const { resource, target } = await groups.create(context, groupState('g'), []);
    await Promise.all(
      ids.map((id) => groups.change(context, resource.id, { members: [{ op: 'add', ids: [id] }] })),
    );
    expect(await membersOf(directory, resource.id)).toEqual(ids.toSorted());
    expect((await groups.get(context.connectionId, resource.id, false)).version).toBe(51);
    const [row] = await database.query('SELECT desired FROM bridge.targets WHERE id = $1', [target.id]);
    expect(row).toEqual({ desired: 51 });
  });

  it('comes to the last word of each of many clients that change one group at once', async () => {
    const directory = await testDirectory(database);
    const { groups, context } = directory;
    const ids = await people(directory, 24);
    const { resource } = await groups.create(context, groupState('g'), ids.slice(0, 12));
    // A client states two users, one after the other push; clients run side by side, through each of the statements.
    const client = async (n: number): Promise<string[]> => {
      const mine = ids.slice(2 * n, 2 * n + 2);
      let stated: string[] = [];
      for (let turn = 0; turn < 8; turn++) {
        stated = mine.filter((_, at) => (turn * 7 + n + at) % 3 > 0);
        const gone = mine.filter((id) => !stated.includes(id));
        const members: MemberOperation[] = [
          { op: 'add', ids: stated },
          { op: 'remove', ids: gone },
        ];
        if (turn % 2 === 0) await groups.change(context, resource.id, { members });
        else
          for (const operation of members)
            await groups.change(context, resource.id, { members: [operation] });
      }
      return stated;
    };
    const stated = await Promise.all(Array.from({ length: 12 }, (_, n) => client(n)));
    expect(await membersOf(directory, resource.id)).toEqual(stated.flat().toSorted());
    const changes = await database.query<{ user_id: string; sum: number }>(
      `SELECT user_id, sum(CASE change WHEN 'added' THEN 1 ELSE -1 END) AS sum FROM bridge.journal_memberships
        WHERE group_id = $1 GROUP BY user_id`,
      [resource.id],
    );
    const journaled = changes.filter((row) => row.sum === 1).map((row) => row.user_id);
    expect(journaled.toSorted()).toEqual(stated.flat().toSorted());
  });

  it('removes several members as they are once it has the lock, not as they were before it waited', async () => {
    const directory = await testDirectory(database);
    const { groups, context } = directory;
    const [a = '', b = ''] = await people(directory, 2);
    const { resource } = await groups.create(context, groupState('g'), [b]);
    const waiting = await database.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM bridge.groups WHERE id = $1 FOR UPDATE', [resource.id]);
      await tx.query('INSERT INTO bridge.memberships (group_id, user_id) VALUES ($1, $2)', [resource.id, a]);
      const push = outside.run(() =>
        groups.change(context, resource.id, { members: [{ op: 'remove', ids: [a, b] }] }),
      );
      await eventually(async () => {
        const blocked = await tx.query(
          'SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))',
        );
        expect(blocked).toHaveLength(1);
      });
      return { push };
    });
    await waiting.push;
    expect(await membersOf(directory, resource.id)).toEqual([]);
  });

  it('keeps a connection for as long as it has targets', async () => {
    const { users, context } = await testDirectory(database);
    const { resource } = await users.create(context, userState('kept'));
    const remove = 'DELETE FROM bridge.connections WHERE id = $1';
    await expect(database.query(remove, [context.connectionId])).rejects.toThrow(/has targets/);
    const rename = 'UPDATE bridge.connections SET id = $2 WHERE id = $1';
    await expect(database.query(rename, [context.connectionId, newId()])).rejects.toThrow(/has targets/);
    await database.query('DELETE FROM bridge.users WHERE id = $1', [resource.id]);
    await database.query('DELETE FROM bridge.targets WHERE id = $1', [resource.id]);
    const other = newId();
    await database.query(rename, [context.connectionId, other]);
    const here = 'SELECT id FROM bridge.connections WHERE id = ANY($1)';
    expect(await database.query(here, [[context.connectionId, other]])).toEqual([{ id: other }]);
    await database.query(remove, [other]);
    expect(await database.query(here, [[other]])).toEqual([]);
  });

  it('lets one of twenty concurrent creations of a userName win', async () => {
    const { users, context } = await testDirectory(database);
    const names = Array.from({ length: 20 }, (_, n) => (n % 2 ? 'Ann' : 'aNN'));
    const results = await Promise.allSettled(names.map((name) => users.create(context, userState(name))));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    const refusals = results.filter((result) => result.status === 'rejected');
    expect(refusals.map((refusal) => (refusal.reason as { code: string }).code)).toEqual(
      Array.from({ length: 19 }, () => 'userNameTaken'),
    );
  });

  it('leaves no deleted user in a group, whatever is added while it is deleted', async () => {
    const directory = await testDirectory(database);
    const { users, groups, context } = directory;
    const ids = await people(directory, 30);
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        groups.create(context, groupState(`g-${n}`), n % 2 ? ids.slice(0, 15) : []),
      ),
    );
    const unless = async (work: Promise<unknown>): Promise<unknown> =>
      work.catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== 'unknownMember') throw error;
      });
    await Promise.all([
      ...ids.map((id) => users.remove(context, id)),
      ...ids.flatMap((id) =>
        made.map(({ resource }, n) =>
          unless(
            groups.change(context, resource.id, { members: [{ op: n % 3 ? 'add' : 'replace', ids: [id] }] }),
          ),
        ),
      ),
    ]);
    const rows = await database.query(
      'SELECT 1 FROM bridge.memberships m JOIN bridge.users u ON u.id = m.user_id WHERE u.deleted_at IS NOT NULL',
    );
    expect(rows).toEqual([]);
  });

  it('loses none of many concurrent changes of one user', async () => {
    const { users, context } = await testDirectory(database);
    const { resource } = await users.create(context, userState('ann', { document: { n: 0 } }));
    const push = () =>
      users.change(context, resource.id, (state) => ({
        ...state,
        document: { n: Number(state.document['n']) + 1 },
      }));
    await Promise.all(Array.from({ length: 40 }, push));
    const shown = await users.get(context.connectionId, resource.id, false);
    expect(JSON.parse(shown.document)).toEqual({ n: 40 });
    expect(shown.version).toBe(41);
  });

  it('lets one of many concurrent creations take over what a deleted user left', async () => {
    const { users, context } = await testDirectory(database);
    const old = await users.create(context, userState('ann'));
    const coderId = newId();
    await database.query('UPDATE bridge.targets SET coder_id = $2 WHERE id = $1', [old.resource.id, coderId]);
    await users.remove(context, old.resource.id);
    const creations = Array.from({ length: 10 }, () => users.create(context, userState('ann')));
    const results = await Promise.allSettled(creations);
    const [winner, ...others] = results.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value] : [],
    );
    expect(others).toEqual([]);
    const linked = await database.query('SELECT id FROM bridge.targets WHERE coder_id = $1', [coderId]);
    expect(linked).toEqual([{ id: winner?.resource.id }]);
  });

  it('leaves what a deleted user left to one of two who could both take it over', async () => {
    const { users, context } = await testDirectory(database);
    for (let round = 0; round < 10; round++) {
      const old = await users.create(context, userState(`ann-${round}`, { externalId: `x-${round}` }));
      const coderId = newId();
      await database.query('UPDATE bridge.targets SET coder_id = $2 WHERE id = $1', [
        old.resource.id,
        coderId,
      ]);
      await users.remove(context, old.resource.id);
      await Promise.all([
        users.create(context, userState(`ann-${round}`)),
        users.create(context, userState(`bob-${round}`, { externalId: `x-${round}` })),
      ]);
      const linked = await database.query('SELECT id FROM bridge.targets WHERE coder_id = $1', [coderId]);
      expect(linked).toHaveLength(1);
    }
  });

  it('keeps the rows in step with a naive set, whatever several clients push one after the other', async () => {
    const directory = await testDirectory(database);
    const { groups, context } = directory;
    const ids = await people(directory, 5);
    const some = fc.uniqueArray(fc.constantFrom(...ids));
    const operation: fc.Arbitrary<MemberOperation> = fc.oneof(
      fc.record({ op: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const), ids: some }),
      fc.constant({ op: 'clear' as const }),
    );
    const pushes = fc.array(fc.array(operation, { minLength: 1, maxLength: 3 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(pushes, async (all) => {
        const { resource } = await groups.create(context, groupState(newId()), []);
        let expected: Set<string> = new Set();
        for (const members of all) {
          const before = [...expected].toSorted();
          for (const each of members) {
            if (each.op === 'clear') expected = new Set();
            else if (each.op === 'replace') expected = new Set(each.ids);
            else if (each.op === 'add') for (const id of each.ids) expected.add(id);
            else for (const id of each.ids) expected.delete(id);
          }
          const { changed } = await groups.change(context, resource.id, { members });
          expect(changed).toBe(before.join() !== [...expected].toSorted().join());
          expect(await membersOf(directory, resource.id)).toEqual([...expected].toSorted());
        }
      }),
      { numRuns: 40 },
    );
  });

  it('needs one statement for a hot push, and two to change a user', async () => {
    const { context, wakeUps } = await testDirectory(database);
    const statements: string[] = [];
    const watched = counted(database, statements);
    const users = new UserDirectory(watched, wakeUps);
    const groups = new GroupDirectory(watched, wakeUps);
    const count = async <T>(push: Promise<T>, expected: number): Promise<T> => {
      const result = await push;
      expect(statements.splice(0)).toHaveLength(expected);
      return result;
    };
    const { resource: user } = await count(users.create(context, userState('ann')), 1);
    const { resource: group } = await count(groups.create(context, groupState('g'), []), 1);
    await count(groups.change(context, group.id, { members: [{ op: 'add', ids: [user.id] }] }), 1);
    await count(groups.change(context, group.id, { members: [{ op: 'remove', ids: [user.id] }] }), 1);
    await count(
      users.change(context, user.id, (state) => ({ ...state, active: false })),
      2,
    );
    await count(
      users.change(context, user.id, (state) => state),
      1,
    );
    await count(users.get(context.connectionId, user.id, true), 1);
  });

  it('adds five thousand members by one statement, and replaces them by two', async () => {
    const directory = await testDirectory(database);
    const { groups, context, wakeUps } = directory;
    const ids = Array.from({ length: 5_000 }, newId);
    await manyUsers(context.connectionId, ids);
    const { resource } = await groups.create(context, groupState('all'), []);
    const statements: string[] = [];
    const counting = counted(database, statements);
    const watched = new GroupDirectory(counting, wakeUps);
    await watched.change(context, resource.id, { members: [{ op: 'add', ids }] });
    expect(statements).toHaveLength(1);
    expect(await membersOf(directory, resource.id)).toHaveLength(5_000);
    statements.length = 0;
    await watched.change(context, resource.id, { members: [{ op: 'replace', ids: ids.slice(0, 10) }] });
    expect(statements).toHaveLength(2);
    expect(await membersOf(directory, resource.id)).toEqual(ids.slice(0, 10).toSorted());
  });

  describe('with thousands of rows', () => {
    let directory: TestDirectory;

    beforeAll(async () => {
      directory = await testDirectory(database);
      const { connectionId } = directory.context;
      await manyUsers(connectionId, Array.from({ length: 8_000 }, newId));
      await database.query(
        `WITH made AS (INSERT INTO bridge.targets (id, kind, connection_id)
           SELECT gen_random_uuid(), 'group', $1 FROM generate_series(1, 4000) RETURNING id)
         INSERT INTO bridge.groups (id, connection_id, target_id, display_name, display_name_key, external_id, document)
         SELECT id, $1, id, id::text, id::text, 'x' || id::text, '{}' FROM made`,
        [connectionId],
      );
      await database.query(
        `UPDATE bridge.users SET search = jsonb_build_object('emails',
           jsonb_build_array(jsonb_build_object('type', 'work', 'value', user_name_key || '@example.com')))`,
      );
      await database.query('ANALYZE bridge.users, bridge.groups, bridge.targets');
    });

    const attribute = (name: string, caseExact: boolean): AttributeReference => ({
      path: [name],
      type: 'string',
      caseExact,
      multiValued: false,
    });
    const equals = (of: AttributeReference, value: string): Query => ({
      kind: 'compare',
      attribute: of,
      operator: 'eq',
      value,
    });

    /** The plans of every statement that `work` runs, with the parameters it ran them with. */
    async function plansOf(work: (watched: Database) => Promise<unknown>): Promise<string[]> {
      const plans: string[] = [];
      await work({
        ...counted(database, []),
        query: async <Row extends object>(
          statement: Parameters<Queryable['query']>[0],
          params: readonly unknown[] = [],
        ) => {
          const text = typeof statement === 'string' ? statement : statement.text;
          const rows = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, params);
          plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
          return database.query<Row>(statement, params);
        },
      });
      return plans;
    }

    const page = (query: Query) => ({ query, offset: 0, limit: 10, withReferences: false });

    it.each([
      ['userName', attribute('userName', false), 'USER-7', 'users_user_name'],
      ['externalId', attribute('externalId', true), 'x-7', 'users_external_id'],
      ['id', attribute('id', true), newId(), 'users_p'],
    ])('looks a user up by %s with its index and one statement', async (_, of, value, index) => {
      const { connectionId } = directory.context;
      const plans = await plansOf((watched) =>
        new UserDirectory(watched, new RecordedWakeUps()).list(connectionId, page(equals(of, value))),
      );
      expect(plans).toHaveLength(1);
      expect(plans[0]).toContain(index);
      expect(plans[0]).not.toContain('Seq Scan');
    });

    it.each([
      ['displayName', attribute('displayName', false), 'G', 'groups_display_name'],
      ['externalId', attribute('externalId', true), 'x', 'groups_external_id'],
      ['id', attribute('id', true), newId(), 'groups_p'],
    ])('looks a group up by %s with its index and one statement', async (_, of, value, index) => {
      const { connectionId } = directory.context;
      const plans = await plansOf((watched) =>
        new GroupDirectory(watched, new RecordedWakeUps()).list(connectionId, page(equals(of, value))),
      );
      expect(plans).toHaveLength(1);
      expect(plans[0]).toContain(index);
      expect(plans[0]).not.toContain('Seq Scan');
    });

    it('uses the same indexes inside of a longer search', async () => {
      const both: Query = {
        kind: 'and',
        terms: [
          equals(attribute('userName', false), 'user-7'),
          {
            kind: 'compare',
            attribute: { ...attribute('active', true), type: 'boolean' },
            operator: 'eq',
            value: true,
          },
        ],
      };
      const { connectionId } = directory.context;
      const plans = await plansOf((watched) =>
        new UserDirectory(watched, new RecordedWakeUps()).list(connectionId, page(both)),
      );
      expect(plans).toHaveLength(1);
      expect(plans[0]).toContain('users_user_name');
    });

    it('looks a user up by an address in the document with its index', async () => {
      const where: Query = {
        kind: 'and',
        terms: [
          equals(attribute('type', false), 'work'),
          equals(attribute('value', false), 'User-7@example.com'),
        ],
      };
      const list: AttributeReference = { ...attribute('emails', false), multiValued: true };
      const { connectionId } = directory.context;
      const users = (watched: Database) => new UserDirectory(watched, new RecordedWakeUps());
      for (const query of [
        { kind: 'some', attribute: list, where } as const,
        equals({ ...list, path: ['emails', 'value'] }, 'USER-7@example.com'),
      ]) {
        const plans = await plansOf((watched) => users(watched).list(connectionId, page(query)));
        expect(plans).toHaveLength(1);
        expect(plans[0]).toContain('users_addresses');
      }
    });

    it('creates a user without reading a table through', async () => {
      const plans = await plansOf((watched) =>
        new UserDirectory(watched, new RecordedWakeUps()).create(
          directory.context,
          userState('new', { externalId: 'new' }),
        ),
      );
      expect(plans).toHaveLength(1);
      expect(plans[0]).not.toContain('Seq Scan');
    });

    it('changes a member without reading a table through', async () => {
      const { context } = directory;
      const { resource } = await directory.groups.create(context, groupState('one'), []);
      const { resource: user } = await directory.users.create(context, userState('member'));
      const members: MemberOperation[] = [{ op: 'add', ids: [user.id] }];
      const plans = await plansOf((watched) =>
        new GroupDirectory(watched, new RecordedWakeUps()).change(context, resource.id, { members }),
      );
      expect(plans).toHaveLength(1);
      expect(plans[0]).not.toMatch(/Seq Scan on (users|groups|targets)/);
    });
  });

  async function manyUsers(connectionId: string, ids: readonly string[]): Promise<void> {
    await database.query(
      `WITH named AS (SELECT id, n FROM unnest($2::uuid[]) WITH ORDINALITY AS u(id, n)),
            made AS (INSERT INTO bridge.targets (id, kind, connection_id) SELECT id, 'user', $1 FROM named)
       INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, external_id, full_name, active, document)
       SELECT id, $1, 'user-' || n, 'user-' || n, 'x-' || n, '', true, '{}' FROM named`,
      [connectionId, ids],
    );
  }
});

/** The database, noting the statements that pass (those of transactions too). */
function counted(database: Database, statements: string[]): Database {
  const note = (statement: Parameters<Queryable['query']>[0]): void => {
    statements.push(typeof statement === 'string' ? statement : statement.text);
  };
  return {
    engine: database.engine,
    query: (statement, params) => {
      note(statement);
      return database.query(statement, params);
    },
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          query: (statement, params) => {
            note(statement);
            return tx.query(statement, params);
          },
        }),
      ),
    listen: (channel, onPayload) => database.listen(channel, onPayload),
    ping: () => database.ping(),
    close: () => database.close(),
  };
}
