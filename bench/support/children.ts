import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A program of the benchmark in a process of its own, so that nothing shares its event loop. */
export interface Child {
  /** Where it listens, e.g. `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly pid: number;
  /** What else it said when it began to listen. */
  readonly told: Readonly<Record<string, unknown>>;
  /** Asks it something by a word, and answers what it says. */
  ask<T>(word: string): Promise<T>;
  stop(): Promise<void>;
}

/** How long the event loop of a bridge was held up, milliseconds. */
export interface Delays {
  readonly p50: number;
  readonly p999: number;
  readonly max: number;
}

/** Starts one of the programs beside bench/main.ts and waits until it listens. */
export async function startChild(
  program: 'bridge-program' | 'floor-program' | 'scimmy-program',
  options: {
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** Where to write a CPU profile when it ends; none: no profile. */
    readonly profile?: string | undefined;
  } = {},
): Promise<Child> {
  const { args = [], env = {}, profile } = options;
  const child = fork(join(import.meta.dirname, '..', `${program}.js`), args, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    execArgv: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { url, ...told } = await new Promise<{ url: string }>((resolve, reject) => {
    child.once('message', (message: { url: string }) => resolve(message));
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code} before it listened`)));
  });
  return {
    url: url.replace('localhost', '127.0.0.1'),
    pid: child.pid ?? 0,
    told,
    ask: <T>(word: string) =>
      new Promise<T>((resolve) => {
        child.once('message', (answer) => resolve(answer as T));
        child.send(word);
      }),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.send('stop');
      await ended;
    },
  };
}
