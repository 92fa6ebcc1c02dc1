/** The type of a parameter. */
export type SqlType =
  'text' | 'text[]' | 'uuid' | 'boolean' | 'bigint' | 'numeric' | 'timestamptz' | 'jsonb' | 'jsonpath';

/** Collects the parameters of a statement while its text is put together: values never stand in the text. */
export class Parameters {
  readonly values: unknown[];
  private aliases = 0;

  constructor(first: readonly unknown[]) {
    this.values = [...first];
  }

  /** The placeholder of a value, with its type. */
  add(value: unknown, type: SqlType): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  /** A name for a row source that no other one has. */
  alias(): string {
    this.aliases += 1;
    return `e${this.aliases}`;
  }
}
