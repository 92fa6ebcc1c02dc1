/** With the u flag a surrogate of a pair is not matched by itself, so this finds lone ones only. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/**
 * What keeps a string from being stored, or undefined. PostgreSQL stores no NUL, and a lone surrogate is not Unicode
 * (RFC 8259 section 8.2), so that it would come back as something else.
 */
export function stringFault(value: string): string | undefined {
  if (value.includes('\0')) return 'contains a NUL character';
  if (LONE_SURROGATE.test(value)) return 'contains a lone surrogate';
  return undefined;
}
