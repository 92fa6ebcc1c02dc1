import { CommanderError } from 'commander';
import { simulatorCommand } from './commands/simulator.js';

/** Runs a simulated Coder alone, so that others can test against it: `node dist/cli/simulator.js --help`. */
async function main(): Promise<number> {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  try {
    const out = (text: string): void => void process.stdout.write(text);
    await simulatorCommand({ out, signal: ending.signal })
      .exitOverride()
      .parseAsync(process.argv.slice(2), { from: 'user' });
    return 0;
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode;
    process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
    return 1;
  }
}

process.exit(await main());
