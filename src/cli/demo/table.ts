import type { Paint } from './paint.js';

export interface Cell {
  readonly text: string;
  /** Applied after the cell was padded, so that colours do not count. */
  readonly colour?: (text: string) => string;
}

/**
 * A table as lines: the first column to the left, numbers to the right, a rule under the heads. Cells are texts of
 * letters one column wide.
 */
export function table(
  heads: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  { dim }: Paint,
): string[] {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? { text: cell } : cell)));
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => row[column]?.text.length ?? 0)),
  );
  const line = (row: readonly Cell[]): string =>
    row
      .map(({ text, colour = (same: string) => same }, column) => {
        const width = widths[column] ?? 0;
        return colour(column === 0 ? text.padEnd(width) : text.padStart(width));
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const indent = (text: string): string => `  ${text}`;
  return [
    indent(dim(line(heads.map((text) => ({ text }))))),
    indent(dim(rule)),
    ...cells.map((row) => indent(line(row))),
  ];
}
