/** What the bridge's answers are, or pass for. */
const ANSWERS = ['application/scim+json', 'application/json'] as const;

/** Longest header that is looked at, characters; what is longer is nothing but an attempt. */
const LONGEST = 4_096;

/**
 * Whether an `Accept` header lets JSON be answered (RFC 9110 section 12.5.1): the range that says most of a type decides. A
 * header that is missing, or that says nothing that can be read, excludes nothing.
 */
export function acceptsJson(header: string | undefined): boolean {
  if (header === undefined || header.length > LONGEST) return true;
  const ranges = header.split(',').flatMap(readRange);
  return ranges.length === 0 || ANSWERS.some((type) => qualityOf(type, ranges) > 0);
}

interface Range {
  readonly range: string;
  readonly quality: number;
}

function readRange(text: string): Range[] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  if (!range.includes('/')) return [];
  const stated = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = stated === undefined ? 1 : Number(stated);
  return [{ range, quality: Number.isFinite(quality) ? quality : 1 }];
}

function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const wanted of [type, 'application/*+json', 'application/*', '*/*']) {
    const found = ranges.filter(({ range }) => range === wanted);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}
