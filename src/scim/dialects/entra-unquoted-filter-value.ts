import { COMPARISONS, faultOf, tokenize, type Dialect, type Token } from '../protocol/index.js';

const LITERAL = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i;

/** One comparison, with a value in quotes: nearly every lookup. */
const ONE_QUOTED = /^\S+ \S+ "[^"\\]*"$/;

/**
 * Entra ID's documentation shows a filter value without quotes:
 *
 *     illegal  externalId eq jyoung
 *     legal    externalId eq "jyoung"
 */
export const entraUnquotedFilterValue: Dialect = {
  name: 'entra-unquoted-filter-value',
  from: ['Entra ID'],
  illegal: 'externalId eq jyoung',
  legal: 'externalId eq "jyoung"',
  always: true,
  filter(text) {
    if (ONE_QUOTED.test(text)) return text;
    let rewritten = '';
    let copied = 0;
    for (const word of unquotedValues(text)) {
      rewritten += text.slice(copied, word.position) + JSON.stringify(word.text);
      copied = word.position + word.text.length;
    }
    return rewritten + text.slice(copied);
  },
};

/** Words that stand where a value belongs: after an attribute and an operator. */
function unquotedValues(text: string): Token[] {
  const words: Token[] = [];
  const tokens = tokensOf(text);
  for (let i = 0; i + 2 < tokens.length; i++) {
    const [attribute, operator, value] = tokens.slice(i, i + 3);
    if (attribute?.kind !== 'word' || operator?.kind !== 'word' || !isComparison(operator.text)) continue;
    if (value?.kind === 'word' && !LITERAL.test(value.text)) words.push(value);
    i += 2;
  }
  return words;
}

/** None for a text that cannot be read: the parser will say why. */
function tokensOf(text: string): Token[] {
  try {
    return tokenize(text, faultOf('invalidFilter', 'filter'));
  } catch {
    return [];
  }
}

function isComparison(word: string): boolean {
  return (COMPARISONS as readonly string[]).includes(word.toLowerCase());
}
