import type { Profile } from '../state/switches.js';

const NAME = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/;

/** Linear: no address that the expression could be slow on is longer than 320 bytes. */
const EMAIL = /^[^\s@<>()[\],;:\\"]+@[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;

function isName(value: string, longest: number): boolean {
  if (value.length < 1 || Buffer.byteLength(value) > longest) return false;
  if (value === 'new' || value === 'create') return false;
  return NAME.test(value);
}

/** Usernames, organization names: 1-32 bytes, letters, digits and single inner hyphens. */
export function isUsername(value: string): boolean {
  return isName(value, 32);
}

/** Group names may be longer: up to 255 bytes, 36 in 2024, and in 2023 nobody looked. */
export function isGroupName(value: string, profile: Profile): boolean {
  if (profile === 's-old') return value !== '';
  return isName(value, profile === 's-new' ? 36 : 255);
}

/** Display names: empty, or up to 64 with no whitespace at either end. */
export function isDisplayName(value: string): boolean {
  return value.length <= 64 && value.trim() === value;
}

/** Real names: up to 128 with no whitespace at either end. */
export function isRealName(value: string): boolean {
  return value.length <= 128 && value.trim() === value;
}

export function isEmail(value: string): boolean {
  return value.length <= 320 && EMAIL.test(value);
}

const WORDS = ['amber', 'brave', 'calm', 'eager', 'fuzzy', 'happy', 'keen', 'quiet', 'swift', 'witty'];
const ANIMALS = ['ant', 'bear', 'crane', 'deer', 'fox', 'heron', 'lynx', 'otter', 'seal', 'wren'];

/**
 * The username that Coder derives from what an identity provider calls a user: a valid name is kept, else the part
 * before the last `@` without the characters that names cannot have, else two words at random.
 */
export function usernameFrom(text: string, random: () => number): string {
  if (isUsername(text)) return text;
  const at = text.lastIndexOf('@');
  const name = (at < 0 ? text : text.slice(0, at)).replace(/[^a-zA-Z0-9-]/g, '');
  if (isUsername(name)) return name;
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? 'x';
  return `${pick(WORDS)}-${pick(ANIMALS)}${Math.floor(random() * 1000)}`;
}
