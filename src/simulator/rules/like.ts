/** Whether the term has no wildcard, so that it is a plain substring. */
export function isPlain(term: string): boolean {
  return !/[%_\\\n]/.test(term);
}

/** One element of a pattern: a literal character, `_` (any one) or `%` (any run). */
type Token = { readonly literal: string } | 'one' | 'any';

/**
 * A test for PostgreSQL's `ILIKE '%' || term || '%'`: `%` and `_` inside the term act as wildcards, a backslash
 * takes the next character literally. Both sides are lower case already. Greedy with one way back, so the work is
 * bounded by length times length.
 */
export function contains(term: string): (text: string) => boolean {
  const pattern = tokens(`%${term}%`);
  return (text) => matches(pattern, text);
}

function tokens(pattern: string): Token[] {
  const result: Token[] = [];
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern.charAt(i);
    if (character === '\\' && i + 1 < pattern.length) result.push({ literal: pattern.charAt((i += 1)) });
    else if (character === '%') result.push('any');
    else if (character === '_') result.push('one');
    else result.push({ literal: character });
  }
  return result;
}

function matches(pattern: readonly Token[], text: string): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const wanted = pattern[token];
    if (wanted === 'any') {
      star = token++;
      resume = at;
    } else if (wanted === 'one' || (wanted !== undefined && wanted.literal === text.charAt(at))) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      token = star + 1;
      at = resume += 1;
    } else {
      return false;
    }
  }
  while (pattern[token] === 'any') token += 1;
  return token === pattern.length;
}
