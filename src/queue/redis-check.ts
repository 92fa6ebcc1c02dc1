import { Redis } from 'ioredis';

/**
 * What of Redis's settings endangers the queue: eviction deletes jobs, no persistence loses them with the machine. The
 * sweep would repair both, but late. Managed services refuse CONFIG; that is said too.
 *
 * @returns one sentence per danger; none when all is well
 */
export async function checkRedis(url: string): Promise<string[]> {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    connectTimeout: 3_000,
    commandTimeout: 3_000,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    const read = async (name: string): Promise<string> => (await redis.config('GET', name))[1] ?? '';
    const [policy, appendOnly, save] = [
      await read('maxmemory-policy'),
      await read('appendonly'),
      await read('save'),
    ];
    const warnings: string[] = [];
    if (policy !== 'noeviction')
      warnings.push(
        `Redis: maxmemory-policy is "${policy}" and would delete queued jobs; set it to noeviction.`,
      );
    if (appendOnly !== 'yes')
      warnings.push(
        `Redis: appendonly is "${appendOnly}"${save ? ' (snapshots only)' : ' and there are no snapshots'}; set appendonly yes, or queued work returns late after a restart.`,
      );
    return warnings;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      `Redis: its settings cannot be read (${reason}); make sure of maxmemory-policy noeviction and appendonly yes.`,
    ];
  } finally {
    redis.disconnect();
  }
}
