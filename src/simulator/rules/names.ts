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

/** Group names may be longer: up to 255 bytes. */
export function isGroupName(value: string): boolean {
  return isName(value, 255);
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
