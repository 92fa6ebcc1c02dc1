import type { JsonObject } from '../../../common/index.js';
import { ScimError } from '../errors.js';
import { BULK_RESPONSE_SCHEMA } from '../urns.js';
import type { StatedOperation } from './request.js';

/** What came of an operation. */
export interface BulkOutcome {
  /** Status of a success, or the refusal. */
  readonly status: number | ScimError;
  /** The resource's URI; a POST that failed has none. */
  readonly location?: string;
  /** The resource's entity tag after the operation. */
  readonly version?: string;
}

/**
 * The answer to a bulk request (RFC 7644 section 3.7): what came of each operation that was tried, in the order of the request.
 *
 * @param outcomes by the operation's index
 */
export function bulkResponse(
  operations: readonly StatedOperation[],
  outcomes: ReadonlyMap<number, BulkOutcome>,
): JsonObject {
  return {
    schemas: [BULK_RESPONSE_SCHEMA],
    Operations: operations.flatMap((stated, i) => {
      const outcome = outcomes.get(i);
      return outcome === undefined ? [] : [result(stated, outcome)];
    }),
  };
}

function result({ method, bulkId }: StatedOperation, { status, location, version }: BulkOutcome): JsonObject {
  const failed = status instanceof ScimError;
  return {
    ...(location === undefined ? {} : { location }),
    method,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(version === undefined ? {} : { version }),
    status: String(failed ? status.status : status),
    ...(failed ? { response: status.body() } : {}),
  };
}
