/** Comparison operators of RFC 7644 section 3.4.2.2, table 3, without `pr`. */
export const COMPARISONS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** A value in a filter. */
export type Literal = string | number | boolean | null;

/** An attribute as it was written, not yet looked up: `emails.value`, `urn:…:User:userName`. */
export interface Name {
  readonly name: string;
  /** Where it stands in the text, counted from 0. */
  readonly position: number;
}

/** A filter. Inside `some` names are relative to the element. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Filter[] }
  | { readonly kind: 'not'; readonly term: Filter }
  | {
      readonly kind: 'compare';
      readonly attribute: Name;
      readonly operator: Comparison;
      readonly value: Literal;
    }
  | { readonly kind: 'present'; readonly attribute: Name }
  /** A value path: one element for which `where` holds. */
  | { readonly kind: 'some'; readonly attribute: Name; readonly where: Filter };
