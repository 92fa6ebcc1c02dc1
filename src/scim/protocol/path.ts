import type { Filter } from './filter/ast.js';
import { faultOf, tokenize } from './filter/lexer.js';
import { checkName } from './filter/names.js';
import { FilterParser } from './filter/parser.js';
import { LIMITS } from './limits.js';

/** The path of a PATCH operation (RFC 7644 section 3.5.2, figure 7), not yet looked up in the schemas. */
export interface Path {
  /** `name`, `name.sub`, a URN before either, or a URN alone. */
  readonly name: string;
  /** The value filter between brackets. */
  readonly where?: Filter;
  /** The sub-attribute after the brackets. */
  readonly sub?: string;
}

/**
 * Reads a path: `attribute`, `attribute.sub`, `attribute[filter]`, `attribute[filter].sub`.
 *
 * @throws ScimError 400 invalidPath with the position
 */
export function parsePath(text: string): Path {
  const fault = faultOf('invalidPath', 'path');
  if (text.length > LIMITS.filterLength) {
    throw fault(LIMITS.filterLength, `longer than ${LIMITS.filterLength} characters`);
  }
  const parser = new FilterParser(tokenize(text, fault), fault);
  const first = parser.take();
  if (first.kind !== 'word') throw fault(first.position, 'expected the name of an attribute');
  const name = checkName(first, fault);
  if (parser.peek().kind !== '[') {
    parser.end();
    return { name };
  }
  const where = parser.brackets();
  const after = parser.peek();
  if (after.kind !== 'word' || !after.text.startsWith('.')) {
    parser.end();
    return { name, where };
  }
  parser.take();
  const sub = checkName({ text: after.text.slice(1), position: after.position + 1 }, fault);
  if (sub.includes('.')) throw fault(after.position, 'a sub-attribute has no sub-attributes');
  parser.end();
  return { name, where, sub };
}
