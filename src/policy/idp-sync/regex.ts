import { RE2JS } from 're2js';

/** Patterns that are kept compiled: one for each organization with a filter, and no more than that in any deployment. */
const MOST_KEPT = 1_000;
/** Coder has no bound; its settings are written by people. */
const LONGEST_PATTERN = 4_096;

export type CompiledFilter = { readonly matches: (text: string) => boolean } | { readonly refused: string };

const kept = new Map<string, CompiledFilter>();

/**
 * A filter by Go's RE2, which Coder uses: found anywhere in the text, in linear time, without lookaround and backreferences.
 * A pattern that RE2 refuses could not have been saved in Coder; the reason is for people.
 */
export function compileFilter(pattern: string): CompiledFilter {
  const known = kept.get(pattern);
  if (known) return known;
  const compiled = compile(pattern);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): CompiledFilter {
  if (pattern.length > LONGEST_PATTERN) return { refused: `it is longer than ${LONGEST_PATTERN} characters` };
  try {
    const expression = RE2JS.compile(pattern);
    return { matches: (text) => expression.matcher(text).find() };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}
