import { COMPARISONS, faultOf, tokenize, type Dialect, type Token } from '../protocol/index.js';

/**
 * Entra ID looks people up by an email of a type, in a form that paths have (RFC 7644 section 3.5.2) and filters have not
 * (section 3.4.2.2):
 *
 *     illegal  emails[type eq "work"].value eq "ada@corp.example"
 *     legal    emails[(type eq "work") and value eq "ada@corp.example"]
 */
export const entraValuePathInFilter: Dialect = {
  name: 'entra-value-path-in-filter',
  from: ['Entra ID'],
  illegal: 'emails[type eq "work"].value eq "ada@corp.example"',
  legal: 'emails[(type eq "work") and value eq "ada@corp.example"]',
  always: true,
  filter(text) {
    if (!text.includes('[')) return text;
    let rewritten = '';
    let copied = 0;
    for (const { open, close, last } of pathsIn(tokensOf(text))) {
      const inner = text.slice(open.position + 1, close.position);
      // Behind the bracket stands `.value`; its dot goes.
      const condition = text.slice(close.position + 2, endOf(last));
      rewritten += `${text.slice(copied, open.position)}[(${inner}) and ${condition}]`;
      copied = endOf(last);
    }
    return rewritten + text.slice(copied);
  },
};

interface ValuePath {
  readonly open: Token;
  readonly close: Token;
  /** The last token of the comparison after it. */
  readonly last: Token;
}

function pathsIn(tokens: readonly Token[]): ValuePath[] {
  const paths: ValuePath[] = [];
  let open: Token | undefined;
  for (const [i, token] of tokens.entries()) {
    if (token.kind === '[') open = token;
    if (token.kind !== ']' || open === undefined) continue;
    const last = comparisonAfter(tokens, i);
    if (last !== undefined) paths.push({ open, close: token, last });
    open = undefined;
  }
  return paths;
}

/** The end of `.sub op value` or `.sub pr` that stands right behind the bracket. */
function comparisonAfter(tokens: readonly Token[], bracket: number): Token | undefined {
  const [close, sub, operator, value] = tokens.slice(bracket, bracket + 4);
  if (!close || sub?.kind !== 'word' || !sub.text.startsWith('.') || sub.position !== endOf(close)) {
    return undefined;
  }
  if (operator?.kind !== 'word') return undefined;
  const name = operator.text.toLowerCase();
  if (name === 'pr') return operator;
  if (!(COMPARISONS as readonly string[]).includes(name)) return undefined;
  return value?.kind === 'word' || value?.kind === 'string' ? value : undefined;
}

function endOf({ position, text }: Token): number {
  return position + text.length;
}

/** None for a text that cannot be read: the parser will say why. */
function tokensOf(text: string): Token[] {
  try {
    return tokenize(text, faultOf('invalidFilter', 'filter'));
  } catch {
    return [];
  }
}
