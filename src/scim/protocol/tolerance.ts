import type { Json } from '../../common/index.js';
import type { PatchOperation } from './patch/request.js';
import type { AttributeDefinition, ResourceTypeDefinition } from './schema/index.js';

/** The resource that an operation is applied to. */
export interface OperationContext {
  readonly type: ResourceTypeDefinition;
  /** The resource's id. */
  readonly id: string;
}

/**
 * A named deviation of a client from the standard, as a pure rewriting of what it sends into what the standard says.
 * Whatever is legal already passes unchanged, so that dialects can be combined and need not be chosen by client.
 */
export interface Dialect {
  readonly name: string;
  /** Rewrites an attribute's value before its type is checked. */
  readonly value?: (attribute: AttributeDefinition, value: Json) => Json;
  /** Rewrites a PATCH operation into one or several. */
  readonly operation?: (operation: PatchOperation, context: OperationContext) => readonly PatchOperation[];
  /** Rewrites the text of a filter. */
  readonly filter?: (text: string) => string;
}

/** Several dialects in one, each applied to what the ones before it made. */
export interface Tolerance {
  value(attribute: AttributeDefinition, value: Json): Json;
  operations(operation: PatchOperation, context: OperationContext): readonly PatchOperation[];
  filter(text: string): string;
}

/** Joins dialects in the order given. */
export function tolerate(dialects: readonly Dialect[]): Tolerance {
  const values = dialects.flatMap((dialect) => dialect.value ?? []);
  const operations = dialects.flatMap((dialect) => dialect.operation ?? []);
  const filters = dialects.flatMap((dialect) => dialect.filter ?? []);
  return {
    value: (attribute, value) => values.reduce((rewritten, rewrite) => rewrite(attribute, rewritten), value),
    operations: (operation, context) =>
      operations.reduce<readonly PatchOperation[]>(
        (rewritten, rewrite) => rewritten.flatMap((one) => rewrite(one, context)),
        [operation],
      ),
    filter: (text) => filters.reduce((rewritten, rewrite) => rewrite(rewritten), text),
  };
}

/** The standard and nothing else. */
export const strict: Tolerance = tolerate([]);
