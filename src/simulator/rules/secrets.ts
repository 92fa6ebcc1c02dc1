import { randomBytes } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Letters and digits, as Coder's tokens and keys are made of. */
export function randomText(length: number): string {
  // 62 letters out of 256 values lean slightly to the first ones; nothing here hangs on it.
  return Array.from(randomBytes(length), (byte) => LETTERS.charAt(byte % LETTERS.length)).join('');
}
