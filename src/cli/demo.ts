import { CommanderError } from 'commander';
import { commandLineSettings, readEnvironment, withoutSettings } from '../config/index.js';
import { readArguments } from './demo/arguments.js';
import { CannotPlay } from './demo/cannot-play.js';
import { runDemo } from './demo/demo.js';

/** How a shell names an end by a signal: 128 and its number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The demo was told to end. */
class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

async function main(): Promise<number> {
  const error = (text: string): void => void process.stderr.write(text);
  const ending = new AbortController();
  for (const [signal, exitCode] of Object.entries(SIGNALS)) {
    // More than once: npm passes on the Ctrl-C that the terminal sent to both.
    process.on(signal, () => {
      if (!ending.signal.aborted) error('\nInterrupted.\n');
      ending.abort(new Interrupted(exitCode));
    });
  }
  const environment = readEnvironment();
  const settings = commandLineSettings(environment);
  const write = (text: string): void => void process.stdout.write(text);
  try {
    const options = readArguments(process.argv.slice(2), settings, { out: write, error });
    const good = await runDemo(options, {
      settings,
      environment: withoutSettings(environment),
      screen: { write, isTerminal: process.stdout.isTTY, columns: process.stdout.columns || 100 },
      signal: ending.signal,
    });
    return good ? 0 : 1;
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode;
    if (problem instanceof Interrupted) return problem.exitCode;
    const known = problem instanceof CannotPlay;
    error(
      `${known ? problem.message : problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}\n`,
    );
    return 1;
  }
}

// Requests that were on their way when the demo was interrupted are not waited for.
process.exit(await main());
