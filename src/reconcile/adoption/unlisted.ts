import { CoderError } from '../../coder/index.js';

/** Coder could not be listed, so that nothing can be said; the message says why. */
export class CoderUnlisted extends Error {
  constructor(cause: CoderError) {
    super(`Coder cannot be listed: ${cause.message}`, { cause });
    this.name = 'CoderUnlisted';
  }
}

/** @throws CoderUnlisted instead of a CoderError */
export async function listing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof CoderError ? new CoderUnlisted(error) : error;
  }
}
