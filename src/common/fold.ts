/**
 * Folds a string for case-insensitive comparison: NFC, then lower case. Done in JavaScript and stored in
 * columns of collation "C", because the result of SQL's lower() differs by the database's locale.
 */
export function fold(value: string): string {
  return value.normalize('NFC').toLowerCase();
}
