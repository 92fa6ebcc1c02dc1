import { afterEach, describe, expect, it } from 'vitest';

import { redisAvailable, startRedis } from '../../test/support/redis.js';
import type { TestRedis } from '../../test/support/redis.js';
import { checkRedis } from './redis-check.js';

describe.runIf(redisAvailable())('the check of Redis at start', () => {
  let redis: TestRedis | undefined;
  afterEach(() => redis?.remove());

  async function warningsOf(...settings: string[]): Promise<string[]> {
    redis = await startRedis(settings);
    return checkRedis(redis.url);
  }

  it('has nothing to say of one that evicts nothing and keeps an append-only file', async () => {
    expect(await warningsOf()).toEqual([]);
  });

  it('warns of eviction, and says what to set', async () => {
    expect(await warningsOf('--maxmemory-policy', 'allkeys-lru')).toEqual([
      expect.stringMatching(/"allkeys-lru".*delete queued jobs.*set it to noeviction/),
    ]);
  });

  it.each([
    ['no snapshots either', '', /appendonly is "no" and there are no snapshots; set appendonly yes/],
    ['snapshots only', '3600 1', /appendonly is "no" \(snapshots only\); set appendonly yes/],
  ])('warns of a missing append-only file: %s', async (_what, save, expected) => {
    expect(await warningsOf('--appendonly', 'no', '--save', save)).toEqual([expect.stringMatching(expected)]);
  });

  it('warns of both at once', async () => {
    expect(await warningsOf('--appendonly', 'no', '--maxmemory-policy', 'volatile-ttl')).toHaveLength(2);
  });

  it('takes a managed one that refuses CONFIG, with a warning of what to make sure of', async () => {
    expect(await warningsOf('--rename-command', 'CONFIG', '')).toEqual([
      expect.stringMatching(
        /settings cannot be read \(.*unknown command.*\); make sure of .*noeviction.*appendonly/,
      ),
    ]);
  });

  it('is no obstacle while Redis is away', async () => {
    redis = await startRedis();
    await redis.stop();
    expect(await checkRedis(redis.url)).toEqual([expect.stringMatching(/settings cannot be read/)]);
  });
});
