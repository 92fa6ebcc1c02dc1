const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

/** Seconds (optional), minutes, hours, days of the month, months, days of the week. */
const FIELDS: readonly Field[] = [
  { from: 0, to: 59 },
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: MONTHS },
  { from: 0, to: 7, names: WEEKDAYS },
];

/** Whether `value` is a cron expression of five fields, or of six with seconds first. */
export function isCronExpression(value: string): boolean {
  const fields = value.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) return false;
  const rules = FIELDS.slice(6 - fields.length);
  return fields.every((field, index) => {
    const rule = rules[index];
    return rule !== undefined && field.split(',').every((item) => isItem(item, rule));
  });
}

/** `*`, `5`, `1-5`, each with an optional step: a star and `/15`. */
function isItem(item: string, field: Field): boolean {
  const [range = '', step, ...more] = item.split('/');
  if (more.length > 0) return false;
  if (step !== undefined && !(number(step) >= 1 && number(step) <= field.to)) return false;
  if (range === '*') return true;
  const [from, to = from, ...rest] = range.split('-').map((part) => place(part, field));
  if (from === undefined || to === undefined || rest.length > 0) return false;
  return from >= field.from && from <= to && to <= field.to;
}

function place(part: string, field: Field): number {
  const name = field.names?.indexOf(part.toLowerCase()) ?? -1;
  return name >= 0 ? name + field.from : number(part);
}

function number(text: string): number {
  return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
}
