/** Coder's limit of a group's display name, in bytes of UTF-8: it counts with Go's len(). */
export const DISPLAY_NAME_LIMIT = 64;

/** Coder's limit of a person's name, in bytes of UTF-8. */
export const FULL_NAME_LIMIT = 128;

/** A group's display name as Coder takes it. */
export function displayNameFor(displayName: string): string {
  return cleanText(displayName, DISPLAY_NAME_LIMIT);
}

/** A person's name as Coder takes it; '' where there is none. */
export function fullNameFor(fullName: string): string {
  return cleanText(fullName, FULL_NAME_LIMIT);
}

/**
 * Trimmed, cut to `limit` bytes of UTF-8 between characters, on one line: Coder refuses blanks at the edges and, in
 * display names, line breaks. Halves of surrogate pairs, which UTF-8 cannot hold, become U+FFFD, so that what Coder
 * answers equals what was sent.
 */
function cleanText(text: string, limit: number): string {
  const line = text
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  let bytes = 0;
  let length = 0;
  for (const character of line) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) break;
    length += character.length;
  }
  return line.slice(0, length).trim();
}
