import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine, PoolerRefused } from '../../src/database/index.js';
import { quiet } from '../support/database.js';
import { postgresAvailable, startPostgres } from '../support/postgres.js';
import type { TestPostgres } from '../support/postgres.js';
import { TransactionPooler } from '../support/transaction-pooler.js';

describe.runIf(postgresAvailable())('the queue behind a connection pooler in transaction mode', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it.each([2, 3, 20])('is refused with what to do about it, with %i connections behind', async (size) => {
    const pooler = await TransactionPooler.start(server.url, size);
    const engine = await openEngine({ engine: 'postgres', url: pooler.urlFor(server.url) }, { log: quiet });
    try {
      await engine.database.ping();
      await expect(engine.queuePool(2)).rejects.toThrow(PoolerRefused);
      await expect(engine.queuePool(2)).rejects.toThrow(/REDIS_URL/);
    } finally {
      await engine.close();
      await pooler.stop();
    }
  });

  it('is accepted on the direct address', async () => {
    const engine = await openEngine({ engine: 'postgres', url: server.url }, { log: quiet });
    await expect(engine.queuePool(2)).resolves.toBeDefined();
    await engine.close();
  });
});
