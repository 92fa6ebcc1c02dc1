import type { Clock } from '../../common/index.js';
import { RateLimiter, type Rate } from './rate.js';

/** Wrong tokens that an address may present: a person who tries a form, or a token that was just changed. */
const PATIENCE: Rate = { perSecond: 0.2, burst: 20 };

/**
 * Wrong tokens and secrets by remote address. An address that presented too many is suspect for a while: it gets told to
 * wait, and its questions cost the database little. A good token is let in from there all the same.
 */
export class Guesses {
  private readonly limiter: RateLimiter;

  constructor(clock: Clock) {
    this.limiter = new RateLimiter(clock);
  }

  /** Whether the address has used up its wrong tokens. */
  isSuspect(address: string): boolean {
    return this.limiter.waitOf(networkOf(address), PATIENCE) > 0;
  }

  /** Counts a wrong token. @returns 0, or the milliseconds after which the next one is heard */
  count(address: string): number {
    return this.limiter.take(networkOf(address), PATIENCE);
  }
}

/** The address, and of IPv6 the network: a single site has 2^64 addresses and more (RFC 6177). */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [plain = ''] = address.split('%', 1);
  const [head = '', tail] = plain.split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = Math.max(0, 8 - before.length - after.length);
  const groups = tail === undefined ? before : [...before, ...Array<string>(missing).fill('0'), ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
