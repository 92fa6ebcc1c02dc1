import type { RequestQuery } from './query.js';
import { MOST_REQUESTS } from './query.js';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DEFAULT_LIMIT = 100;

/** `404`, or `4xx` for a class of them; undefined for anything else. */
export function parseStatus(text: string): readonly [number, number] | undefined {
  if (/^[1-5]xx$/i.test(text)) return [Number(text[0]) * 100, Number(text[0]) * 100 + 99];
  return /^[1-5]\d\d$/.test(text) ? [Number(text), Number(text)] : undefined;
}

/** `30s`, `15m`, `1h`, `7d`, a date or a time; undefined for anything else. */
export function parseSince(text: string, now: number): Date | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now - Number(count) * UNITS[unit as keyof typeof UNITS]);
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at);
}

/** Reads the parameters of a question, as texts. Answers what is wrong where they cannot be read. */
export function parseRequestQuery(
  parameters: Readonly<Record<string, unknown>>,
  now: number,
): RequestQuery | { readonly problem: string } {
  const text = (name: string): string | undefined => {
    const value = parameters[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [connection, status, since, after, limit] = [
    text('connection'),
    text('status'),
    text('since'),
    text('after'),
    text('limit'),
  ];
  const between = status === undefined ? undefined : parseStatus(status);
  if (status !== undefined && between === undefined) return { problem: 'status is such as 404 or 4xx.' };
  const from = since === undefined ? undefined : parseSince(since, now);
  if (since !== undefined && from === undefined)
    return { problem: 'since is such as 30s, 15m, 1h, 7d or 2026-01-31T12:00:00Z.' };
  if (after !== undefined && !/^\d{1,15}$/.test(after)) return { problem: 'after is the id of a request.' };
  if (limit !== undefined && !/^[1-9]\d{0,3}$/.test(limit))
    return { problem: `limit is a number from 1 to ${MOST_REQUESTS}.` };
  return {
    ...(connection === undefined ? {} : { connection }),
    ...(between === undefined ? {} : { status: between }),
    ...(from === undefined ? {} : { since: from }),
    ...(after === undefined ? {} : { after: Number(after) }),
    limit: Math.min(Number(limit ?? DEFAULT_LIMIT), MOST_REQUESTS),
  };
}
