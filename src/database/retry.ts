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
      // The survivor of a deadlock has to wake up and get what it waited for first, else both meet a second time.
      await sleep((0.5 + Math.random()) * 25 * 2 ** retry);
    }
  }
}

const CHANNEL = /^[a-z_][a-z0-9_]{0,62}$/;

/** A channel's name stands in the statement itself, so it must be a plain identifier. */
export function assertChannel(channel: string): void {
  if (!CHANNEL.test(channel)) throw new Error(`not a channel name: ${channel}`);
}
