/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? NaN, sorted[Math.floor(middle)] ?? NaN];
  return (low + high) / 2;
}

/** The value that 95 of 100 do not exceed. */
export function p95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? NaN;
}

/** Lowest and highest, e.g. `0.61 to 0.68`. */
export function spread(values: readonly number[], digits = 2): string {
  return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** What one benchmark found, for people. */
export interface Section {
  /** As on the command line. */
  readonly name: string;
  readonly title: string;
  /** What was done, and with what; lines. */
  readonly setting: readonly string[];
  readonly tables: readonly Table[];
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A section as plain text with aligned columns. */
export function toText({ title, setting, tables }: Section, machine: readonly string[]): string {
  const parts = [
    title,
    '',
    ...setting,
    ...machine,
    ...tables.flatMap((table) => ['', ...alignedTable(table)]),
  ];
  return parts.join('\n');
}

function alignedTable({ columns, rows }: Table): string[] {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isNumeric(rows, i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

function isNumeric(rows: Table['rows'], column: number): boolean {
  return rows.every((row) => /^[-\d.,]+( ms| s)?$/.test(row[column] ?? ''));
}
