import type { Comparison } from './ast.js';

/**
 * Whether a comparison holds between two values. Texts compare by their code units; who ignores case folds both before. Parts of
 * a number are never asked for: its attribute refuses that.
 */
export function holds<T extends string | number>(operator: Comparison, left: T, right: T): boolean {
  switch (operator) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'co':
      return String(left).includes(String(right));
    case 'sw':
      return String(left).startsWith(String(right));
    case 'ew':
      return String(left).endsWith(String(right));
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
  }
}
