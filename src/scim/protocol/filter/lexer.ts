import { badRequest, type ScimError, type ScimType } from '../errors.js';
import { stringFault } from '../strings.js';

/** A piece of a filter or a path. `value` is the decoded text of a string. */
export interface Token {
  readonly kind: 'word' | 'string' | '(' | ')' | '[' | ']' | 'end';
  readonly text: string;
  readonly position: number;
  readonly value?: string;
}

/** Makes the error for a position; filters and paths have different keywords. */
export type Fault = (position: number, problem: string) => ScimError;

/** A {@link Fault} with the keyword, naming what was being read. */
export function faultOf(scimType: ScimType, what: string): Fault {
  return (position, problem) => badRequest(scimType, `${what}, position ${position}: ${problem}`);
}

const BRACKETS = new Set(['(', ')', '[', ']']);

/**
 * Splits a filter or a path into tokens, ended by one of kind `end`. Words are attribute names, operators and literals
 * alike: what they mean depends on where they stand. Linear in the length of the text.
 */
export function tokenize(text: string, fault: Fault): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (isSpace(char)) {
      at++;
      continue;
    }
    const token = tokenAt(text, at, char, fault);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '', position: text.length });
  return tokens;
}

function tokenAt(text: string, at: number, char: string, fault: Fault): Token {
  if (BRACKETS.has(char)) return { kind: char as '(' | ')' | '[' | ']', text: char, position: at };
  if (char === '"') return stringAt(text, at, fault);
  let end = at;
  while (end < text.length && isWordChar(text.charAt(end))) end++;
  if (end === at) throw fault(at, 'a character that may not stand here');
  return { kind: 'word', text: text.slice(at, end), position: at };
}

/** A JSON string (RFC 8259 section 7), as RFC 7644 section 3.4.2.2 has it. */
function stringAt(text: string, at: number, fault: Fault): Token {
  let end = at + 1;
  while (end < text.length && text.charAt(end) !== '"') end += text.charAt(end) === '\\' ? 2 : 1;
  if (end >= text.length) throw fault(at, 'a string that is not closed');
  const raw = text.slice(at, end + 1);
  let value: string;
  try {
    value = JSON.parse(raw) as string;
  } catch {
    throw fault(at, 'a string that is not a JSON string');
  }
  const problem = stringFault(value);
  if (problem !== undefined) throw fault(at, `a string that ${problem}`);
  return { kind: 'string', text: raw, position: at, value };
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n';
}

/** URNs of custom schemas hold more than attribute names do, so nearly everything is let through here. */
function isWordChar(char: string): boolean {
  return (
    !isSpace(char) &&
    !BRACKETS.has(char) &&
    char !== '"' &&
    char !== ',' &&
    char > '\u001f' &&
    char !== '\u007f'
  );
}
