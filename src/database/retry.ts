import { setTimeout as sleep } from 'node:timers/promises';
import { isRetryable, translate } from './driver-errors.js';

const RETRIES = 3;

/** Runs a whole transaction, again up to three times after a serialization failure or a deadlock, then translates its error. */
export async function retrying<T>(transaction: () => Promise<T>): Promise<T> {
  for (let retry = 0; ; retry++) {
    try {
      return await transaction();
    } catch (error) {
      if (!isRetryable(error) || retry >= RETRIES) throw translate(error);
      // Both sides of a deadlock start again: a little chance keeps them from meeting a second time.
      await sleep(Math.random() * 10 * 2 ** retry);
    }
  }
}

const CHANNEL = /^[a-z_][a-z0-9_]{0,62}$/;

/** A channel's name stands in the statement itself, so it must be a plain identifier. */
export function assertChannel(channel: string): void {
  if (!CHANNEL.test(channel)) throw new Error(`not a channel name: ${channel}`);
}
