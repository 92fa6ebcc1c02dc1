import { createHash } from 'node:crypto';
import { canonicalJson } from '../../journal/index.js';
import type { Said } from './comparing.js';

/** Tells what is claimed at one time from what is claimed at another: remembered with what it came to. */
export function claimsDigest({ claims, unreadable }: Said): string {
  const text = canonicalJson({ claims, unreadable });
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
