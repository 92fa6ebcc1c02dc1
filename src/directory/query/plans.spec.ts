import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseInMemory } from '../../../test/support/directory-rows.js';
import { testDirectory } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { AttributeReference, PageRequest, Query } from '../model.js';

const USERS = 2_000;

/** A database whose statements can be explained. */
class Explained {
  private readonly statements: [text: string, params: readonly unknown[]][] = [];

  constructor(private readonly real: Database) {}

  /** The database, remembering what it is asked. */
  get database(): Database {
    const query: Database['query'] = (statement, params = []) => {
      this.statements.push([typeof statement === 'string' ? statement : statement.text, params]);
      return this.real.query(statement, params);
    };
    return new Proxy(this.real, {
      get: (target, name) => (name === 'query' ? query : (Reflect.get(target, name) as unknown)),
    });
  }

  /** The plan of what `work` asks first. */
  async planOf(work: () => Promise<unknown>): Promise<string> {
    this.statements.length = 0;
    await work();
    const [text, params] = this.statements[0] ?? ['', []];
    const rows = await this.real.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, params);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }
}

function attribute(path: string, more: Partial<AttributeReference> = {}): AttributeReference {
  return {
    path: path.split('/'),
    type: 'string',
    caseExact: false,
    multiValued: false,
    single: true,
    ...more,
  };
}
const list = (path: string): AttributeReference => attribute(path, { multiValued: true, single: false });
const exact = (path: string): AttributeReference => attribute(path, { caseExact: true });

function compare(of: AttributeReference, value: string | boolean): Query {
  return { kind: 'compare', attribute: of, operator: 'eq', value };
}
const and = (...terms: Query[]): Query => ({ kind: 'and', terms });
const active = compare(attribute('active', { type: 'boolean' }), true);

describe.each(['without statistics', 'with statistics'])('the plan of a list, %s', (state) => {
  let database: Database;
  let explained: Explained;
  let directory: TestDirectory;

  beforeAll(async () => {
    database = await databaseInMemory();
    explained = new Explained(database);
    directory = await testDirectory(explained.database);
    const { connectionId } = directory.context;
    const rows = `SELECT i, ('01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid AS id FROM generate_series(1, ${USERS}) i`;
    await database.query(
      `INSERT INTO bridge.targets (id, kind, connection_id) SELECT id, 'user', $1 FROM (${rows}) x`,
      [connectionId],
    );
    await database.query(
      `INSERT INTO bridge.users (id, connection_id, user_name, user_name_key, external_id, full_name, active, document, search)
       SELECT id, $1, 'user' || i, 'user' || i, 'e' || i, '', true, doc, doc
         FROM (${rows}) x, LATERAL (SELECT jsonb_build_object('userName', 'user' || i, 'title', repeat('t', 900), 'emails',
           jsonb_build_array(jsonb_build_object('type', 'work', 'value', 'u' || i || '@x.example'))) AS doc) d`,
      [connectionId],
    );
    if (state === 'with statistics') await database.query('ANALYZE');
  });
  afterAll(() => database.close());

  const planOf = (page: Partial<PageRequest>): Promise<string> =>
    explained.planOf(() =>
      directory.users.list(directory.context.connectionId, {
        offset: 0,
        limit: 100,
        withReferences: false,
        ...page,
      }),
    );

  it.each<[string, Query, string]>([
    ['userName', compare(attribute('userName'), 'user7'), 'users_user_name'],
    ['externalId', compare(exact('externalId'), 'e7'), 'users_external_id'],
    ['id', compare(exact('id'), newId()), 'users_pkey'],
    ['userName and more', and(compare(attribute('userName'), 'user7'), active), 'users_user_name'],
    ['externalId and more', and(active, compare(exact('externalId'), 'e7')), 'users_external_id'],
    ['id and more', and(compare(exact('id'), newId()), active), 'users_pkey'],
    ['an address', compare(list('emails/value'), 'u7@x.example'), 'users_addresses'],
    [
      'an address of a type',
      {
        kind: 'some',
        attribute: list('emails'),
        where: and(compare(attribute('type'), 'work'), compare(attribute('value'), 'u7@x.example')),
      },
      'users_addresses',
    ],
    ['an address and more', and(compare(list('emails/value'), 'u7@x.example'), active), 'users_addresses'],
  ])('uses the index of %s', async (_, query, index) => {
    const plan = await planOf({ query });
    expect(plan).toMatch(new RegExp(`Index (?:Only )?Scan (?:Backward )?(?:using|on) ${index}\\b`));
    expect(plan).not.toMatch(/Seq Scan on users|BitmapAnd/);
  });

  it('begins a cursor page at its place in the index', async () => {
    const first = await directory.users.list(directory.context.connectionId, {
      cursor: { at: '', seconds: 60 },
      offset: 0,
      limit: 100,
      withReferences: false,
    });
    const plan = await planOf({ cursor: { at: first.next ?? '', seconds: 60 } });
    expect(plan).toMatch(/Index Cond: .*id > /);
    expect(plan).not.toMatch(/Seq Scan/);
  });

  it('reads the documents of the page only where rows are passed over or put in order', async () => {
    for (const page of [
      { offset: USERS - 10 },
      { sort: { attribute: attribute('userName'), descending: true } },
      { sort: { attribute: attribute('title'), descending: false }, offset: 50 },
    ]) {
      expect(await planOf(page)).toMatch(/Index Scan using users_pkey on users o/);
    }
  });
});
