import type { Deviation } from '../protocol/index.js';

/**
 * Clients differ in what a plus sign in a query string is. Some encode spaces as `+` (HTML forms do), others encode
 * them as `%20` and leave the plus of an email address as it is:
 *
 *     illegal  ?filter=userName%20eq%20%22ada+test@corp.example%22
 *     legal    ?filter=userName%20eq%20%22ada%2Btest@corp.example%22
 *     legal    ?filter=userName+eq+%22ada%2Btest@corp.example%22
 *
 * A filter has spaces outside its strings, and how these are written tells what a plus inside them means.
 *
 * @param raw the parameter's value as it stands in the URL
 * @returns the decoded value; undefined where the percent-encoding is malformed
 */
export function decodeQueryValue(raw: string): string | undefined {
  try {
    if (!raw.includes('+')) return decodeURIComponent(raw);
    const literal = decodeURIComponent(raw);
    return hasPlusOutsideStrings(literal) ? decodeURIComponent(raw.replaceAll('+', '%20')) : literal;
  } catch {
    return undefined;
  }
}

function hasPlusOutsideStrings(text: string): boolean {
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (inString && char === '\\') i++;
    else if (char === '"') inString = !inString;
    else if (char === '+' && !inString) return true;
  }
  return false;
}

/** How {@link decodeQueryValue} is told of in the documentation. */
export const rawPlusInQuery: Deviation = {
  name: 'raw-plus-in-query',
  from: ['HTTP libraries of several clients'],
  illegal: '?filter=userName%20eq%20%22ada+test@corp.example%22',
  legal: '?filter=userName%20eq%20%22ada%2Btest@corp.example%22',
  always: true,
};
