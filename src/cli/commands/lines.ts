import type { WireEntry, WireRequest } from './backend.js';

/** Rows under their heads, columns aligned to the left. */
export function columns(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((head, n) => Math.max(head.length, ...rows.map((row) => row[n]?.length ?? 0)));
  return [heads, ...rows].map((row) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Tokens as a table. */
export function tokenLines(tokens: readonly WireEntry[]): string[] {
  const rows = tokens.map((token) => [
    token.id,
    printable(token.connection),
    printable(token.label),
    token.kind,
    token.state,
    minute(token.createdAt),
    token.expiresAt === null ? 'never' : minute(token.expiresAt),
    token.lastUsedAt === null ? 'never' : minute(token.lastUsedAt),
  ]);
  return columns(['ID', 'CONNECTION', 'LABEL', 'KIND', 'STATE', 'CREATED', 'EXPIRES', 'LAST USED'], rows);
}

/** A request: one line, and for a refusal a second one that says why. */
export function requestLines(request: WireRequest): string[] {
  const { at, connection, method, status, path, filter, who, ms, scimType, detail } = request;
  const asked = filter === null ? path : `${path}  filter: ${filter}`;
  const line = `${at}  ${connection}  ${status}  ${method} ${asked}  ${Math.round(ms)} ms  ${who ?? '(no good token)'}`;
  if (detail === null) return [printable(line)];
  return [printable(line), printable(`    ${scimType === null ? '' : `${scimType}: `}${detail}`)];
}

const minute = (at: string): string => `${at.slice(0, 16).replace('T', ' ')}Z`;

/** What was sent must not steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
}
