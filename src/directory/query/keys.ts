import { fold, isUuid } from '../../common/index.js';
import { isStorable } from '../state/checks.js';

/** Keys of prepared lookups: what a searched value looks like in the index, or null where nothing stored can equal it. */
export const lookupKeys = {
  id: (value: string): string | null => (isUuid(value) && value === value.toLowerCase() ? value : null),
  exact: (value: string): string | null => (isStorable(value) ? value : null),
  folded: (value: string): string | null => (isStorable(value) ? fold(value) : null),
};
