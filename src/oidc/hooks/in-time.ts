import { Refusal } from '../refusal.js';

/** What is under way at once; each holds a connection of the database, or waits for one. */
const MOST = 64;

/**
 * The answer of `work`, where it comes in time. Identity providers wait for a hook while a person logs in.
 *
 * What comes late is not answered as taken: an answer that says so is given only after the commit. A buffer in this process that
 * is answered for before it is written would be lost with the process, and nobody would send it again. Whatever goes on after
 * the refusal may still be committed, which does no harm: the same once more changes nothing.
 *
 * @param late told how work ended that nobody waits for any more
 * @throws Refusal temporarily_unavailable; whatever `work` throws in time
 */
export async function inTime<T>(
  work: Promise<T>,
  ms: number,
  late: (error: unknown) => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      work.then(() => late(undefined), late);
      reject(new Refusal('temporarily_unavailable', 'it could not be recorded in time; try again', 1));
    }, ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** Bounds what is under way, so that a database that hangs does not fill the memory. */
export class Bounded {
  private underWay = 0;

  constructor(private readonly most = MOST) {}

  /** @throws Refusal temporarily_unavailable; whatever `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay >= this.most)
      throw new Refusal('temporarily_unavailable', 'too much is under way; try again', 1);
    this.underWay += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
    }
  }
}
