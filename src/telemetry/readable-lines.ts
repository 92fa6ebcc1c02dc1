import type { DestinationStream } from 'pino';

/** Fields that a line shows in its own way, or not at all. */
const OWN = new Set(['time', 'level', 'msg', 'err']);

/** Lines for people: `12:03:04 warn  the breaker opened  targets=5`, with an error's stack below. */
export function readableLines(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(readable(line)) };
}

function readable(line: string): string {
  const entry = parse(line);
  if (entry === undefined) return line;
  const { time, level, msg, err } = entry;
  const fields = Object.entries(entry).filter(([key]) => !OWN.has(key));
  const head = `${clock(time)} ${text(level).padEnd(5)} ${text(msg)}`;
  const facts = fields.map(([key, value]) => `  ${key}=${text(value)}`).join('');
  return `${head}${facts}${stack(err)}\n`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function clock(time: unknown): string {
  return typeof time === 'string' ? time.slice(11, 19) : '';
}

/** Text stays on its line, so that nobody can forge another. */
function text(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll(/\p{Cc}/gu, ' ');
  return value === undefined ? '' : JSON.stringify(value);
}

function stack(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { stack: frames, message } = error as { stack?: unknown; message?: unknown };
  const shown = typeof frames === 'string' && frames !== '' ? frames : text(message);
  const lines = shown.split('\n').map((line) => `    ${text(line)}`);
  return `\n${lines.join('\n')}`;
}
