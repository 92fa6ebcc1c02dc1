/**
 * How an attribute that has a column is read: SQL expressions, none of them from input. A text's expressions have
 * collation "C", so that order is that of code points on every database; `folded` holds what fold() made of it.
 */
export type Column =
  /** Without a folded form it is always compared exactly. `optional`: it may be NULL. */
  | { readonly kind: 'text'; readonly exact: string; readonly folded?: string; readonly optional?: true }
  | { readonly kind: 'uuid'; readonly sql: string }
  | { readonly kind: 'boolean'; readonly sql: string }
  | { readonly kind: 'dateTime'; readonly sql: string };

/** A multi-valued attribute that lies in a table of its own: rows that stand for its elements. */
export interface Relation {
  /** FROM and WHERE that join the elements to the row `r`. */
  readonly from: string;
  /** The element's sub-attributes. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The sub-attribute that is meant where none is named. */
  readonly main: string;
}

/** A kind of resource as a search sees it; its table is `r`. */
export interface Shape {
  readonly table: string;
  /** By the attribute's path, joined by dots. */
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** Multi-valued attributes of the document that are found by an index over one of their sub-attributes. */
  readonly indexed: ReadonlyMap<string, IndexedList>;
  /** Attributes that no two living resources of a connection share: an `eq` finds one at most. */
  readonly unique: ReadonlyMap<string, UniqueLookup>;
}

/** The index of a list in the document: over all values of one sub-attribute. */
export interface IndexedList {
  /** The sub-attribute. */
  readonly by: string;
  /** SQL over the row `r`: a JSON array of its values, folded. */
  readonly values: string;
}

/** Prepared lookups by a unique attribute, with references and without, as {@link Lookups} takes them. */
export interface UniqueLookup {
  readonly plain: { readonly name: string; readonly text: string };
  readonly withReferences: { readonly name: string; readonly text: string };
  /** Whether references may be so many that such a row is read alone. */
  readonly large: boolean;
  /** The parameter for a searched value; null: nothing can match. */
  readonly key: (value: string) => string | null;
}

const exactly = (sql: string): string => `(${sql}) COLLATE "C"`;

/** A text column, and the one that holds its folded form. */
export function text(exact: string, folded?: string): Column {
  return { kind: 'text', exact: exactly(exact), ...(folded !== undefined && { folded: exactly(folded) }) };
}

/** A text column that may be NULL, and is always compared exactly. */
export function optionalText(exact: string): Column {
  return { kind: 'text', exact: exactly(exact), optional: true };
}
