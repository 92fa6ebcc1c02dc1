import { isUuid } from '../common/index.js';

/** Longest filter that is kept. */
const LONGEST = 1_000;

/** A text in quotes, a bracket, or anything else up to a space or a bracket. */
const TOKEN = /"(?:[^"\\]|\\.)*"?|[()[\]]|[^\s()[\]"]+/g;
const OPERATOR = /^(?:eq|ne|co|sw|ew|gt|ge|lt|le)$/i;
const LOGIC = /^(?:and|or|not|pr)$/i;
const ATTRIBUTE = /^\.?[a-z$][\w.:$-]{0,255}$/i;
/** Attributes whose values say nothing of a person. */
const PLAIN_ATTRIBUTE = /(?:^|[.:])(?:type|primary|active|resourceType|schemas)$/i;
const PLAIN_VALUE = /^[\w.:/-]{1,200}$/;

/** A filter, or a path of a PATCH, with its form kept and `"?"` in the place of the values. */
export function redactFilter(text: string): string {
  const tokens = text.slice(0, LONGEST).match(TOKEN) ?? [];
  const shown = tokens.map((token, index) => {
    if (/^[()[\]]$/.test(token) || OPERATOR.test(token) || LOGIC.test(token)) return token;
    if (OPERATOR.test(tokens[index - 1] ?? '')) return valueOf(token, tokens[index - 2] ?? '');
    return isAttribute(tokens, index) ? token : '"?"';
  });
  return join(shown) + (text.length > LONGEST ? ' …' : '');
}

/** A name stands before an operator, `pr` or a bracket, after a closing bracket, or alone. */
function isAttribute(tokens: readonly string[], index: number): boolean {
  const [token = '', next] = tokens.slice(index, index + 2);
  if (!ATTRIBUTE.test(token)) return false;
  if (tokens[index - 1] === ']') return true;
  if (next === undefined) return index === 0;
  return next === '[' || OPERATOR.test(next) || /^pr$/i.test(next);
}

function valueOf(token: string, attribute: string): string {
  const bare = token.replace(/^"|"$/g, '');
  const plain =
    /^(?:true|false|null)$/i.test(bare) ||
    isUuid(bare) ||
    /^\d{4}-\d\d-\d\dT[\d:.]{5,16}(?:Z|[+-][\d:]{4,6})?$/.test(bare) ||
    (PLAIN_ATTRIBUTE.test(attribute) && PLAIN_VALUE.test(bare));
  return plain ? token : '"?"';
}

function join(tokens: readonly string[]): string {
  return tokens
    .join(' ')
    .replaceAll(' [ ', '[')
    .replaceAll(' ] .', '].')
    .replaceAll(/ ([\])])/g, '$1')
    .replaceAll('( ', '(');
}
