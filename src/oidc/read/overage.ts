import { isJsonArray, isJsonObject, type JsonObject } from '../../common/index.js';

/** Claims that the provider has and did not send: name -> reason for people. */
export type Unreadable = Readonly<Record<string, string>>;

const OVERAGE = 'the provider left it out of the token because there are too many values';

/**
 * What a token says it leaves out. Entra ID names groups so that are more than 200 (`_claim_names`, OpenID Connect Core 1.0
 * section 5.6.2), or only that there are some (`hasgroups`). The URL in `_claim_sources` is never asked: it is the token's
 * word, and at Entra ID it leads to an API that was shut down.
 */
export function leftOut(claims: JsonObject): Unreadable {
  const { _claim_names: names, hasgroups } = claims;
  const missing = isJsonObject(names) ? Object.keys(names) : [];
  if (hasgroups === true || hasgroups === 'true') missing.push('groups');
  return Object.fromEntries(
    missing.filter((name) => !Object.hasOwn(claims, name)).map((name) => [name, OVERAGE]),
  );
}

/**
 * Claims that may be only a part of what the person has: lists of exactly as many texts as the provider sends at most (Okta:
 * 100 groups). Whoever has exactly so many cannot be told from whoever has more.
 */
export function cutOff(claims: JsonObject, cap: number | undefined): Unreadable {
  if (cap === undefined) return {};
  const reason = `it has exactly ${cap} values, at which the provider may have cut it off`;
  const isSuspect = (value: JsonObject[string]): boolean =>
    isJsonArray(value) && value.length === cap && value.every((item) => typeof item === 'string');
  const names = Object.keys(claims).filter((name) => isSuspect(claims[name] ?? null));
  return Object.fromEntries(names.map((name) => [name, reason]));
}
