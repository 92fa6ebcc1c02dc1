import { isJsonArray, type JsonObject } from '../../common/index.js';
import { shown } from './decision.js';

/** What is known of a person's claims. */
export interface ReadClaims {
  readonly claims: JsonObject;
  /** Claims that exist and could not be had, with the reason for people. Never read as missing. */
  readonly unreadable: Readonly<Record<string, string>>;
}

/** What a claim holds. Missing is not empty, and unreadable is neither. */
export type ClaimValues =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'missing' }
  /** `parse`: it is there, and Coder could not read it either. `withheld`: it could not be had. */
  | { readonly kind: 'unreadable'; readonly cause: 'parse' | 'withheld'; readonly why: string };

/**
 * The values of a claim, as Coder reads them at a login: by the exact name at the top level, without paths; a list of texts as
 * it is, or one text, spaces included. A text with a comma is refused, as it may be a list; so is anything else. The values
 * are a copy.
 */
export function claimValues({ claims, unreadable }: ReadClaims, field: string): ClaimValues {
  const name = `the claim ${shown(field)}`;
  if (Object.hasOwn(unreadable, field)) {
    return {
      kind: 'unreadable',
      cause: 'withheld',
      why: `${name} could not be had: ${unreadable[field] ?? ''}`,
    };
  }
  if (!Object.hasOwn(claims, field)) return { kind: 'missing' };
  const value = claims[field];
  if (value === null || value === undefined || value === '') return { kind: 'values', values: [] };
  if (typeof value === 'string') {
    if (value.includes(',')) return refused(`${name} is a text with a comma, which may be a list`);
    return { kind: 'values', values: [value] };
  }
  if (!isJsonArray(value)) return refused(`${name} is ${kindOf(value)}, and no text or list of texts`);
  const values = value.filter((item) => typeof item === 'string');
  if (values.length < value.length) return refused(`${name} is a list that holds more than texts`);
  return { kind: 'values', values };
}

function refused(why: string): ClaimValues {
  return { kind: 'unreadable', cause: 'parse', why };
}

function kindOf(value: object | number | boolean): string {
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' ? 'a number' : 'true or false';
}

/** The own property, whatever it is called: `constructor` is a value like any other. */
export function mapped<T>(mapping: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}
