import { afterEach, describe, expect, it } from 'vitest';
import { checkRedis } from '../../src/queue/index.js';
import { freePort } from '../support/free-port.js';
import { redisAvailable, startRedis } from '../support/redis.js';
import type { TestRedis } from '../support/redis.js';

describe.runIf(redisAvailable())('the check of Redis', () => {
  let redis: TestRedis | undefined;
  afterEach(async () => {
    await redis?.remove();
    redis = undefined;
  });

  async function warnings(...settings: string[]): Promise<string[]> {
    redis = await startRedis(settings);
    return checkRedis(redis.url);
  }

  it('finds nothing to say of one that keeps what it is given', async () => {
    expect(await warnings()).toEqual([]);
  });

  it('warns of one that would delete jobs when its memory is full', async () => {
    expect(await warnings('--maxmemory-policy', 'allkeys-lru')).toEqual([
      'Redis: maxmemory-policy is "allkeys-lru" and would delete queued jobs; set it to noeviction.',
    ]);
  });

  it('warns of one that loses the queue with its process, more mildly where there are snapshots', async () => {
    expect(await warnings('--appendonly', 'no')).toEqual([
      expect.stringMatching(/appendonly is "no" and there are no snapshots; set appendonly yes/),
    ]);
    await redis?.remove();
    expect(await warnings('--appendonly', 'no', '--save', '60 1')).toEqual([
      expect.stringMatching(/appendonly is "no" \(snapshots only\); set appendonly yes/),
    ]);
  });

  it('warns of both at once', async () => {
    expect(await warnings('--appendonly', 'no', '--maxmemory-policy', 'volatile-ttl')).toHaveLength(2);
  });

  it('only warns of one that does not tell its settings, as managed ones do', async () => {
    expect(await warnings('--rename-command', 'CONFIG', '')).toEqual([
      expect.stringMatching(
        /^Redis: its settings cannot be read \(.+\); make sure of maxmemory-policy noeviction/,
      ),
    ]);
  });

  it('only warns of one that is away, and soon', async () => {
    expect(await checkRedis(`redis://127.0.0.1:${await freePort()}`)).toEqual([
      expect.stringMatching(/^Redis: its settings cannot be read/),
    ]);
  });
});
