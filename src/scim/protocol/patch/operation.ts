import type { Json } from '../../../common/index.js';

/** One operation of a PATCH. `value` is undefined where the key is absent, null where it is null. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path?: string;
  readonly value?: Json;
}
