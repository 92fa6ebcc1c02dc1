import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../common/index.js';
import { DatabaseUnavailable, type Database, type Engine } from '../database/index.js';
import { silentLog, type Log } from '../telemetry/index.js';
import { memoryEngine } from '../../test/support/database.js';
import { findRequests, parseRequestQuery, RequestLog, tidyRequests, type SeenRequest } from './index.js';
import { parseSince, parseStatus } from './parse-query.js';

const CONNECTION = newId();
const seen = (more: Partial<SeenRequest> = {}): SeenRequest => ({
  connectionId: CONNECTION,
  method: 'GET',
  url: '/scim/v2/Users',
  status: 200,
  ms: 3,
  ...more,
});

describe('the request log', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await memoryEngine();
    await engine.database.query(`INSERT INTO bridge.connections (id, name) VALUES ($1, 'okta')`, [
      CONNECTION,
    ]);
  });
  afterAll(() => engine.close());
  beforeEach(() => engine.database.query('DELETE FROM bridge.requests'));

  const open = (database: Database = engine.database, log: Log = silentLog) =>
    new RequestLog(database, log, { values: false });
  const find = (query: Partial<Parameters<typeof findRequests>[1]> = {}) =>
    findRequests(engine.database, { limit: 100, ...query });

  it('keeps what was asked and what was answered', async () => {
    const log = open();
    log.record(
      seen({
        method: 'POST',
        url: '/scim/v2/Users?filter=userName eq "ada"',
        status: 409,
        scimType: 'uniqueness',
        detail: 'userName is taken',
        who: 'Okta',
        userAgent: 'Okta SCIM Client 1.0.0',
        requestId: 'r-1',
        body: { userName: 'ada', active: true },
      }),
    );
    log.record(seen());
    await log.close();
    const [second, first] = await find();
    expect(first).toMatchObject({
      connection: 'okta',
      requestId: 'r-1',
      method: 'POST',
      path: '/scim/v2/Users',
      filter: 'userName eq "?"',
      status: 409,
      scimType: 'uniqueness',
      detail: 'userName is taken',
      ms: 3,
      who: 'Okta',
      userAgent: 'Okta SCIM Client 1.0.0',
      body: { userName: '[redacted]', active: true },
    });
    expect(second).toMatchObject({ status: 200, who: null, body: null, filter: null });
  });

  it('is written by itself', async () => {
    const log = open();
    log.record(seen());
    await vi.waitFor(async () => expect(await find()).toHaveLength(1), { timeout: 10_000 });
    await log.close();
  });

  it('is searched by connection, status, time, and what came since', async () => {
    const log = open();
    for (const status of [200, 401, 404, 500]) log.record(seen({ status }));
    await log.close();
    const statuses = async (query: Parameters<typeof find>[0]) =>
      (await find(query)).map(({ status }) => status);
    expect(await statuses({ status: [400, 499] })).toEqual([404, 401]);
    expect(await statuses({ connection: 'okta', limit: 2 })).toEqual([500, 404]);
    expect(await statuses({ connection: 'entra' })).toEqual([]);
    expect(await statuses({ since: new Date(Date.now() + 60_000) })).toEqual([]);
    const [, , second] = await find();
    expect(await statuses({ after: second?.id ?? 0 })).toEqual([404, 500]);
  });

  it('never waits for a database that does not answer, and keeps no more than a bound', () => {
    const query = vi.fn<() => Promise<never>>(() => new Promise<never>(() => undefined));
    const log = open({ query } as unknown as Database);
    for (let n = 0; n < 5_000; n++) log.record(seen({ body: { userName: 'x'.repeat(10_000) } }));
    expect(log.backlog).toBe(500);
    for (let n = 0; n < 5_000; n++) log.record(seen({ method: 'POST' }));
    expect(log.backlog).toBe(1_000);
  });

  it('ends though the database does not answer', async () => {
    const log = open({ query: () => new Promise<never>(() => undefined) } as unknown as Database);
    log.record(seen());
    await log.close(20);
    log.record(seen());
    expect(log.backlog).toBe(0);
  });

  it('keeps what it could not write while the database was away, and says what it lost', async () => {
    let away = true;
    const database = {
      query: async (...args: Parameters<Database['query']>) => {
        if (away) throw new DatabaseUnavailable(new Error('away'));
        return engine.database.query(...args);
      },
    } as unknown as Database;
    const warned: unknown[] = [];
    const log = open(database, {
      ...silentLog,
      warn: (line: unknown) => warned.push(line),
    });
    for (let n = 0; n < 600; n++) log.record(seen());
    await vi.waitFor(() => expect(warned).toEqual([{ requests: 100 }]), { timeout: 10_000 });
    expect(log.backlog).toBe(500);
    away = false;
    await log.close(30_000);
    expect(await find({ limit: 1_000 })).toHaveLength(500);
  });

  it('takes whatever was sent', async () => {
    const log = new RequestLog(engine.database, silentLog, { values: true });
    log.record(
      seen({ body: { a: '\0\ud800', ['\0']: 1 }, userAgent: '\0é', url: '/scim/v2/\ud800', detail: '\0' }),
    );
    log.record(seen({ body: 'text' }));
    log.record(seen({ body: [1] }));
    await log.close();
    expect(await find()).toHaveLength(3);
  });

  it('is kept by days, each in a partition of its own that goes as a whole', async () => {
    const day = (text: string) => new Date(`${text}T12:00:00Z`);
    const names = async () =>
      (
        await engine.database.query<{ name: string }>(
          `SELECT relname AS name FROM pg_class WHERE relname ~ '^requests_\\d' AND relkind = 'r' ORDER BY 1`,
        )
      ).map(({ name }) => name);
    const insert = (text: string) =>
      engine.database.query(
        `INSERT INTO bridge.requests (at, connection_id, method, path, status, ms) VALUES ($1, $2, 'GET', '/', 200, 1)`,
        [day(text), CONNECTION],
      );
    // Came before there was a partition: moved there.
    await insert('2030-01-01');
    await tidyRequests(engine.database, day('2030-01-01'), 2);
    await tidyRequests(engine.database, day('2030-01-01'), 2);
    expect(await names()).toEqual(['requests_2030_01_01', 'requests_2030_01_02']);
    await insert('2029-12-01');
    for (const date of ['2030-01-02', '2030-01-03']) {
      await insert(date);
      await tidyRequests(engine.database, day(date), 2);
    }
    expect(await find()).toHaveLength(3);
    await tidyRequests(engine.database, day('2030-01-04'), 2);
    expect(await names()).toEqual([2, 3, 4, 5].map((n) => `requests_2030_01_0${n}`));
    expect(await find()).toHaveLength(2);
    await tidyRequests(engine.database, day('2030-01-04'), 0);
    expect(await names()).toEqual([]);
    expect(await find()).toHaveLength(0);
  });

  it('understands how people name statuses and times', () => {
    expect([parseStatus('4xx'), parseStatus('404'), parseStatus('5XX')]).toEqual([
      [400, 499],
      [404, 404],
      [500, 599],
    ]);
    for (const text of ['', 'x', '4x', '600', '40']) expect(parseStatus(text)).toBeUndefined();
    expect(parseSince('90s', 100_000)).toEqual(new Date(10_000));
    expect(parseSince('2026-01-02', 0)).toEqual(new Date('2026-01-02'));
    expect(parseSince('1d', 86_400_000)).toEqual(new Date(0));
    for (const text of ['', 'yesterday', '1w', '-1h', '2026-99-99'])
      expect(parseSince(text, 0)).toBeUndefined();
  });

  it.each([
    [{}, { limit: 100 }],
    [
      { connection: 'okta', status: '4xx', since: '1h', after: '7', limit: '5' },
      { connection: 'okta', status: [400, 499], since: new Date(0), after: 7, limit: 5 },
    ],
    [{ limit: '5000' }, { limit: 1_000 }],
    [{ status: ['404'], connection: '' }, { limit: 100 }],
    [{ status: 'bad' }, { problem: expect.stringContaining('404 or 4xx') as string }],
    [{ since: 'bad' }, { problem: expect.stringContaining('1h') as string }],
    [{ after: '-1' }, { problem: expect.stringContaining('id') as string }],
    [{ limit: '0' }, { problem: expect.stringContaining('1 to 1000') as string }],
  ])('reads the question %j', (parameters, query) => {
    expect(parseRequestQuery(parameters, 3_600_000)).toEqual(query);
  });
});
