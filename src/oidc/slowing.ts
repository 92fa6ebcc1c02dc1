import type { Access, ServedConnection } from '../connections/index.js';
import { Refusal } from './refusal.js';

/** Bad tokens count as wrong ones of the SCIM face do. @throws Refusal as the reading does, or that it is slowed down */
export async function judged<T>(
  { guesses }: Pick<Access, 'guesses'>,
  address: string,
  reading: Promise<T>,
): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'invalid_token') throw error;
    const wait = guesses.count(address);
    throw wait > 0 ? tooMany('too many bad tokens', wait) : error;
  }
}

/** Counts a good request. @throws Refusal where the connection has had too many */
export function counted(access: Pick<Access, 'countRequest'>, connection: ServedConnection): void {
  const wait = access.countRequest(connection);
  if (wait > 0) throw tooMany('too many requests of the connection', wait);
}

/** What is answered to who has to wait. */
export function tooMany(description: string, waitMs: number): Refusal {
  return new Refusal('slow_down', description, Math.max(1, Math.ceil(waitMs / 1_000)));
}
