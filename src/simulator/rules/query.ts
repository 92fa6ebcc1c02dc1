import { isUuid } from '../../common/index.js';
import { badRequest, type Validation } from '../server/answers.js';

const UINT = /^\d{1,10}$/;

/** Query parameters, with every fault of them reported at once. */
export class Query {
  private readonly faults: Validation[] = [];

  constructor(private readonly parameters: URLSearchParams) {}

  /** Empty counts as absent. */
  text(name: string): string {
    return this.parameters.get(name) ?? '';
  }

  /** A non-negative 32 bit integer; absent: 0. */
  int32(name: string): number {
    const value = this.text(name);
    if (!value) return 0;
    const number = UINT.test(value) ? Number(value) : NaN;
    if (number <= 2_147_483_647) return number;
    this.fault(name, `Query param "${name}" must be a valid positive integer`);
    return 0;
  }

  uuid(name: string): string {
    const value = this.text(name).toLowerCase();
    if (value && !isUuid(value)) this.fault(name, `Query param "${name}" must be a valid uuid`);
    return value;
  }

  fault(field: string, detail: string): void {
    this.faults.push({ field, detail });
  }

  /** Parameters that the handler does not know are refused where it looks. */
  only(...known: string[]): void {
    for (const name of new Set(this.parameters.keys())) {
      if (!known.includes(name)) this.fault(name, `Query param "${name}" is not a valid query param`);
    }
  }

  check(): void {
    if (this.faults.length > 0) throw badRequest('Query parameters have invalid values.', '', this.faults);
  }
}

export interface Page {
  /** 0: everything. */
  readonly limit: number;
  readonly offset: number;
  readonly afterId: string;
}

/** `limit`, `offset`, `after_id`. */
export function readPage(parameters: URLSearchParams): Page {
  const query = new Query(parameters);
  const page = {
    limit: query.int32('limit'),
    offset: query.int32('offset'),
    afterId: query.uuid('after_id'),
  };
  query.check();
  return page;
}

/** The rows of a page. */
export function cut<T>(rows: readonly T[], page: { limit: number; offset: number }): readonly T[] {
  return rows.slice(page.offset, page.limit === 0 ? undefined : page.offset + page.limit);
}
