import type { LoggerService } from '@nestjs/common';
import type { Log, LogLine } from './log.js';

/** Nest's own words as lines of the bridge's log. The last of several arguments is Nest's context. */
export class NestLog implements LoggerService {
  constructor(private readonly to: Log) {}

  /** What Nest says while it starts is for debugging: the bridge announces itself. */
  log(message: unknown, ...rest: unknown[]): void {
    write(this.to.debug.bind(this.to), message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    write(this.to.error.bind(this.to), message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    write(this.to.warn.bind(this.to), message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    write(this.to.debug.bind(this.to), message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    write(this.to.trace.bind(this.to), message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    write(this.to.fatal.bind(this.to), message, rest);
  }
}

function write(line: LogLine, message: unknown, rest: readonly unknown[]): void {
  const context = rest.at(-1);
  const stack = rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
  const fields = {
    ...(typeof context === 'string' ? { context } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(message instanceof Error ? { err: message } : {}),
  };
  line(
    fields,
    message instanceof Error
      ? message.message
      : typeof message === 'string'
        ? message
        : JSON.stringify(message),
  );
}
