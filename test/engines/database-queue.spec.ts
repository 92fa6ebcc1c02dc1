import { createPostgresBackend, DelayedError, Queue, Worker } from 'bullmq';
import type { Job, PgPool } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { ENGINES, useEngine } from '../support/engines.js';
import { eventually } from '../support/eventually.js';

type SpecQueue = Pick<Queue, 'add' | 'addBulk'>;

describe.each(ENGINES)("BullMQ on %s's pool", (name) => {
  const held = useEngine(name);

  async function withQueue(
    queueName: string,
    processor: (job: Job, token?: string) => Promise<unknown>,
    work: (queue: SpecQueue, pool: PgPool) => Promise<void>,
  ): Promise<void> {
    const pool = await held.engine.queuePool(1);
    const queue = new Queue(queueName, { connection: pool }, createPostgresBackend);
    const worker = new Worker(queueName, processor, { connection: pool }, createPostgresBackend);
    worker.on('error', () => undefined);
    queue.on('error', () => undefined);
    try {
      await worker.waitUntilReady();
      await work(queue, pool);
    } finally {
      await worker.close();
      await queue.close();
    }
  }

  it('does what is added, one by one and in bulk, while the directory is busy in transactions', async () => {
    const { database } = held.engine;
    const done = new Set<string>();
    await withQueue(
      'spec-add',
      async (job) => {
        await database.transaction((tx) => tx.query('SELECT 1'));
        done.add(String(job.data));
      },
      async (queue) => {
        const busy = Array.from({ length: 20 }, (_, i) =>
          database
            .transaction(async (tx) => {
              await tx.query('SELECT 1');
              if (i % 2) throw new Error('back');
            })
            .catch(() => undefined),
        );
        await queue.add('one', 'one');
        await queue.addBulk(Array.from({ length: 50 }, (_, i) => ({ name: 'many', data: `many ${i}` })));
        await Promise.all(busy);
        await eventually(() => expect(done.size).toBe(51));
      },
    );
  });

  it('does a delayed job when its time has come, and one that puts itself off once more', async () => {
    const runs: number[] = [];
    await withQueue(
      'spec-delay',
      async (job, token) => {
        runs.push(Date.now());
        if (runs.length > 1) return;
        await job.moveToDelayed(Date.now() + 200, token);
        throw new DelayedError();
      },
      async (queue) => {
        const added = Date.now();
        await queue.add('later', 1, { delay: 200 });
        await eventually(() => expect(runs).toHaveLength(2));
        expect((runs[0] ?? 0) - added).toBeGreaterThanOrEqual(190);
        expect((runs[1] ?? 0) - (runs[0] ?? 0)).toBeGreaterThanOrEqual(190);
      },
    );
  });

  it('wakes a waiting worker by a notification, not by polling', async () => {
    let ran = 0;
    await withQueue(
      'spec-wake',
      async () => {
        ran++;
      },
      async (queue, pool) => {
        const client = await pool.connect();
        let notified = 0;
        client.on('notification', () => notified++);
        await client.query('-- listens as BullMQ does\nLISTEN bullmq_jobs');
        await queue.add('wake', 1);
        await eventually(() => expect(notified).toBeGreaterThan(0));
        await eventually(() => expect(ran).toBe(1));
        client.release(true);
      },
    );
  });

  it("keeps a client's transaction to itself", async () => {
    const { database } = held.engine;
    const pool = await held.engine.queuePool(1);
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO bridge.settings VALUES ('by-client', '1')`);
    const order: string[] = [];
    const asked = database
      .query(`SELECT key FROM bridge.settings WHERE key = 'by-client'`)
      .then((rows) => order.push(`seen ${rows.length}`));
    if (name === 'postgres') await asked;
    order.push('rolled back');
    await client.query('ROLLBACK');
    client.release();
    await asked;
    expect(order).toEqual(name === 'postgres' ? ['seen 0', 'rolled back'] : ['rolled back', 'seen 0']);
  });

  it('ends a transaction that a client is released with', async () => {
    const pool = await held.engine.queuePool(1);
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO bridge.settings VALUES ('left-open', '1')`);
    client.release(true);
    await expect(
      held.engine.database.query(`SELECT 1 FROM bridge.settings WHERE key = 'left-open'`),
    ).resolves.toEqual([]);
  });

  it('resolves unqualified names to the schema of the queue', async () => {
    const pool = await held.engine.queuePool(1);
    const { rows } = await pool.query<{ path: string }>(`SELECT current_setting('search_path') AS path`);
    expect(rows).toEqual([{ path: 'bullmq' }]);
  });
});

describe('the embedded pool', () => {
  const held = useEngine('pglite');

  it('refuses to be used inside a transaction of the directory, which would wait for itself', async () => {
    const pool = await held.engine.queuePool(1);
    await expect(held.engine.database.transaction(() => pool.query('SELECT 1'))).rejects.toThrow(
      /inside a transaction/,
    );
  });

  it('refuses statements after its end in the words that BullMQ knows', async () => {
    const pool = await held.engine.queuePool(1);
    await pool.end();
    await expect(pool.query('SELECT 1')).rejects.toThrow('after calling end on the pool');
  });
});
