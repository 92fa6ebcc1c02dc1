import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Begins every token that the bridge makes, so that scanners for leaked secrets know it. */
export const TOKEN_PREFIX = 'idpb_';

/** A new token: the prefix and 32 random bytes, base64url. */
export function newToken(): string {
  return TOKEN_PREFIX + randomBytes(32).toString('base64url');
}

/** SHA-256 of a token. Each token of the bridge has 256 random bits, so no salt is needed. */
export function hashOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** Whether two digests are the same, in a time that tells nothing of either. */
export function sameDigest(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Whether two secrets are the same, in a time that tells nothing of either. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(hashOf(one), hashOf(other));
}
