import { pino, stdTimeFunctions, type DestinationStream, type Level } from 'pino';
import { readableLines } from './readable-lines.js';
import { redact, scrub } from './redact.js';

/** Writes one line. `fields` are facts about it; personal values and secrets among them are redacted. */
export interface LogLine {
  (message: string): void;
  (fields: object, message: string): void;
}

/** The logger that every room takes; pino's own form, so that `pino()` is one. */
export interface Log {
  trace: LogLine;
  debug: LogLine;
  info: LogLine;
  warn: LogLine;
  error: LogLine;
  fatal: LogLine;
  /** A logger whose lines carry these fields, e.g. `{ room: 'queue' }`. */
  child(fields: Record<string, unknown>): Log;
}

/** Injection token of the {@link Log}. */
export const LOG = Symbol('LOG');

export interface LogOptions {
  readonly level: Level | 'silent';
  /** Lines for people instead of JSON: on a terminal. */
  readonly readable?: boolean;
  /** Where lines go; none: standard output. */
  readonly destination?: DestinationStream;
}

/** A logger that redacts: by key (authorization, tokens, names, addresses) and by form (bearer tokens, URL passwords, email addresses). */
export function createLog({ level, readable = false, destination }: LogOptions): Log {
  const lines = destination ?? pino.destination({ dest: 1, sync: readable });
  const log = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redact },
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args as unknown[];
          const scrubbed = [first, ...rest].map((arg) => (typeof arg === 'string' ? scrub(arg) : arg));
          method.apply(this, scrubbed as Parameters<typeof method>);
        },
      },
    },
    readable ? readableLines(lines) : lines,
  );
  // pino passes a child's fields through no formatter: they are redacted here. Children inherit this method.
  // oxlint-disable-next-line typescript/unbound-method -- each child calls it on itself
  const makeChild = log.child;
  log.child = function child(this: typeof log, fields: Record<string, unknown>) {
    return makeChild.call(this, redact(fields));
  } as typeof log.child;
  return log;
}

/** A logger that says nothing. */
export const silentLog: Log = createLog({ level: 'silent' });
