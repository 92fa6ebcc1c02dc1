import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** JSON text: whole, or in parts that are made one by one while they are sent. */
export type JsonParts = string | Iterable<string>;

/** Several in one array, in the order given. */
export function arrayOf(resources: readonly JsonParts[]): JsonParts {
  const whole = resources.filter((one) => typeof one === 'string');
  return whole.length === resources.length ? `[${whole.join(',')}]` : partsOfArray(resources);
}

/** A text around parts, e.g. `{"Resources":` and `}`. */
export function around(before: string, parts: JsonParts, after: string): JsonParts {
  return typeof parts === 'string' ? before + parts + after : surrounded(before, parts, after);
}

/** A stream of the parts. Between two of them others have their turn, so that no large answer holds up the small ones. */
export function streamOf(parts: Iterable<string>): Readable {
  return Readable.from(paced(parts), { objectMode: false });
}

function* partsOfArray(resources: readonly JsonParts[]): Generator<string> {
  yield '[';
  for (const [i, resource] of resources.entries()) {
    if (i > 0) yield ',';
    if (typeof resource === 'string') yield resource;
    else yield* resource;
  }
  yield ']';
}

function* surrounded(before: string, parts: Iterable<string>, after: string): Generator<string> {
  yield before;
  yield* parts;
  yield after;
}

async function* paced(parts: Iterable<string>): AsyncGenerator<string> {
  for (const part of parts) {
    yield part;
    await turn();
  }
}
