import type { Json } from '../../common/index.js';
import type { PatchOperation } from './patch/operation.js';
import type { AttributeDefinition, ResourceTypeDefinition } from './schema/index.js';

/** The resource that an operation is applied to. */
export interface OperationContext {
  readonly type: ResourceTypeDefinition;
  /** The resource's id. */
  readonly id: string;
}

/** A named deviation of a client from the standard, for people: what it sends, and what it should have sent. */
export interface Deviation {
  /** Lower case with hyphens; stands in the configuration of connections and in docs/clients.md. */
  readonly name: string;
  /** The products that are known to deviate so. */
  readonly from: readonly string[];
  /** What is sent: a PATCH operation, a body, a filter, a query or a header, as on the wire. */
  readonly illegal: string;
  /** What the standard wants in its place; several operations stand in an array. */
  readonly legal: string;
  /** Whether every connection accepts it, because it can mean nothing else; otherwise a connection has to ask for it. */
  readonly always: boolean;
}

/**
 * What the core does on the word of a dialect only, because no rewriting of the request could say it:
 *
 * - `capitalisedOperations`: `op` in any case
 * - `noOperations`: a PATCH without operations changes nothing
 * - `pathCreatesValue`: a filter in a path that selects nothing makes the value that it describes, for noTarget
 * - `removeByValue`: `remove` with a value removes this value only
 * - `unknownPath`: an operation on an attribute that the schemas do not know is passed over, for invalidPath
 * - `sameId`: the resource's own id may be stated, for mutability
 * - `severalPrimaries`: the first of several primary values stays so
 * - `anySchemas`: `schemas` of a body may name anything, or be absent
 * - `membersLeftOut`: a PUT of a group without `members` leaves them as they are
 * - `reviveInactive`: a POST that collides with an inactive user revives it, for 409
 */
export type Leniency =
  | 'capitalisedOperations'
  | 'noOperations'
  | 'pathCreatesValue'
  | 'removeByValue'
  | 'unknownPath'
  | 'sameId'
  | 'severalPrimaries'
  | 'anySchemas'
  | 'membersLeftOut'
  | 'reviveInactive';

/**
 * A deviation and how it is met: by a pure rewriting of what is sent into what the standard says, or by a leniency of
 * the core. Whatever is legal already passes unchanged, so that dialects can be combined and need not be chosen by client.
 */
export interface Dialect extends Deviation {
  /** Rewrites an attribute's value before its type is checked. */
  readonly value?: (attribute: AttributeDefinition, value: Json) => Json;
  /** Rewrites a PATCH operation into one or several. */
  readonly operation?: (operation: PatchOperation, context: OperationContext) => readonly PatchOperation[];
  /** Rewrites the text of a filter. */
  readonly filter?: (text: string) => string;
  /** Rewrites a userName, or an address that is made like one, into that which the person goes by. */
  readonly userName?: (stated: string) => string;
  readonly permits?: Leniency;
}

/** Several dialects in one, each applied to what the ones before it made. */
export interface Tolerance {
  value(attribute: AttributeDefinition, value: Json): Json;
  operations(operation: PatchOperation, context: OperationContext): readonly PatchOperation[];
  filter(text: string): string;
  userName(stated: string): string;
  permits(leniency: Leniency): boolean;
}

/** Joins dialects in the order given. */
export function tolerate(dialects: readonly Dialect[]): Tolerance {
  const values = dialects.flatMap((dialect) => dialect.value ?? []);
  const operations = dialects.flatMap((dialect) => dialect.operation ?? []);
  const filters = dialects.flatMap((dialect) => dialect.filter ?? []);
  const userNames = dialects.flatMap((dialect) => dialect.userName ?? []);
  const permitted = new Set(dialects.flatMap((dialect) => dialect.permits ?? []));
  return {
    value: (attribute, value) => values.reduce((rewritten, rewrite) => rewrite(attribute, rewritten), value),
    operations: (operation, context) =>
      operations.reduce<readonly PatchOperation[]>(
        (rewritten, rewrite) => rewritten.flatMap((one) => rewrite(one, context)),
        [operation],
      ),
    filter: (text) => filters.reduce((rewritten, rewrite) => rewrite(rewritten), text),
    userName: (stated) => userNames.reduce((rewritten, rewrite) => rewrite(rewritten), stated),
    permits: (leniency) => permitted.has(leniency),
  };
}

/** The standard and nothing else. */
export const strict: Tolerance = tolerate([]);
