import { LIMITS } from '../limits.js';
import { COMPARISONS, type Comparison, type Filter, type Literal, type Name } from './ast.js';
import { faultOf, tokenize, type Fault, type Token } from './lexer.js';
import { checkName } from './names.js';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads a filter of RFC 7644 section 3.4.2.2: the whole grammar, operators and literals in any case.
 *
 * @throws ScimError 400 invalidFilter with the position
 */
export function parseFilter(text: string): Filter {
  const fault = faultOf('invalidFilter', 'filter');
  if (text.length > LIMITS.filterLength) {
    throw fault(LIMITS.filterLength, `longer than ${LIMITS.filterLength} characters`);
  }
  const parser = new FilterParser(tokenize(text, fault), fault);
  const filter = parser.filter();
  parser.end();
  return filter;
}

/**
 * A recursive descent, bounded in depth and nodes. `or` binds weakest, then `and`, then `not` (RFC 7644 section 3.4.2.2).
 * Also used for the value filter inside a PATCH path.
 */
export class FilterParser {
  private at = 0;
  private depth = 0;
  private nodes = 0;
  private insideValuePath = false;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly fault: Fault,
  ) {}

  filter(): Filter {
    return this.list('or', () => this.list('and', () => this.factor()));
  }

  /** The next token, passed over. */
  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  peek(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '', position: 0 };
  }

  end(): void {
    if (this.peek().kind !== 'end') throw this.unexpected('the end');
  }

  /** `[` value filter `]`, the bracket being next. */
  brackets(): Filter {
    const open = this.take();
    if (this.insideValuePath) throw this.fault(open.position, 'a value path inside a value path');
    this.insideValuePath = true;
    const where = this.nested(open, () => this.filter());
    this.expect(']');
    this.insideValuePath = false;
    return where;
  }

  private list(kind: 'and' | 'or', read: () => Filter): Filter {
    const terms = [read()];
    while (this.isWord(kind)) {
      this.take();
      terms.push(read());
    }
    const [only] = terms;
    return terms.length === 1 && only ? only : { kind, terms };
  }

  private factor(): Filter {
    const token = this.peek();
    if (++this.nodes > LIMITS.filterNodes) {
      throw this.fault(token.position, `more than ${LIMITS.filterNodes} conditions`);
    }
    if (token.kind === '(') return this.group(this.take());
    if (this.isWord('not') && this.tokens[this.at + 1]?.kind === '(') {
      this.take();
      return { kind: 'not', term: this.group(this.take()) };
    }
    if (token.kind !== 'word') throw this.unexpected('an attribute');
    return this.condition();
  }

  private group(open: Token): Filter {
    const filter = this.nested(open, () => this.filter());
    this.expect(')');
    return filter;
  }

  private condition(): Filter {
    const token = this.take();
    const attribute: Name = { name: checkName(token, this.fault), position: token.position };
    if (this.peek().kind !== '[') return this.comparison(attribute);
    return { kind: 'some', attribute, where: this.brackets() };
  }

  private comparison(attribute: Name): Filter {
    const token = this.take();
    const operator = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (operator === 'pr') return { kind: 'present', attribute };
    if (!isComparison(operator)) throw this.fault(token.position, 'expected an operator');
    return { kind: 'compare', attribute, operator, value: this.literal() };
  }

  private literal(): Literal {
    const token = this.take();
    if (token.kind === 'string' && token.value !== undefined) return token.value;
    if (token.kind === 'word') {
      const word = token.text.toLowerCase();
      if (word === 'true' || word === 'false') return word === 'true';
      if (word === 'null') return null;
      if (NUMBER.test(token.text)) return Number(token.text);
    }
    throw this.fault(
      token.position,
      'expected a value: a string in double quotes, a number, true, false or null',
    );
  }

  private nested<T>(open: Token, read: () => T): T {
    if (++this.depth > LIMITS.filterDepth) {
      throw this.fault(open.position, `nested more than ${LIMITS.filterDepth} levels deep`);
    }
    const result = read();
    this.depth--;
    return result;
  }

  private isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  private expect(kind: ')' | ']'): void {
    if (this.peek().kind !== kind) throw this.unexpected(`"${kind}"`);
    this.take();
  }

  private unexpected(expected: string): Error {
    return this.fault(this.peek().position, `expected ${expected}`);
  }
}

function isComparison(word: string): word is Comparison {
  return (COMPARISONS as readonly string[]).includes(word);
}
