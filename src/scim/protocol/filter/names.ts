import type { Fault } from './lexer.js';

/** ATTRNAME of RFC 7643 section 2.1, and `$ref`. */
const ATTRIBUTE = /^[A-Za-z$][A-Za-z0-9_$-]*$/;

/** A word that may be an attribute: `name`, `name.sub`, or either after a URN. Whether it exists is asked elsewhere. */
export function checkName(token: { readonly text: string; readonly position: number }, fault: Fault): string {
  const { text, position } = token;
  // A URN may hold dots (2.0) and nearly anything else; only the schemas know where it ends.
  const parts = text.includes(':') ? [] : text.split('.', 3);
  if (parts.length > 2 || !parts.every((part) => ATTRIBUTE.test(part)) || text.length > 512) {
    throw fault(position, 'expected the name of an attribute');
  }
  return text;
}
