import { decodeQueryValue } from '../../dialects/index.js';

/** Stands for a value whose percent-encoding is malformed. No value holds a NUL, so none is mistaken for this. */
export const BROKEN = '\0';

/**
 * The parameters of a URL, the first of each name, decoded; names in lower case. Parameters without a value have an empty one
 * (Entra's aadOptscim062020, and `cursor` for the first page).
 */
export function parametersOf(url: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const start = url.indexOf('?');
  if (start < 0) return parameters;
  for (const part of url.slice(start + 1).split('&')) {
    const equals = part.indexOf('=');
    const name = decodeQueryValue(equals < 0 ? part : part.slice(0, equals))?.toLowerCase();
    if (name === undefined || parameters.has(name)) continue;
    parameters.set(name, decodeQueryValue(equals < 0 ? '' : part.slice(equals + 1)) ?? BROKEN);
  }
  return parameters;
}
