import 'reflect-metadata';

import { CommanderError } from 'commander';
import { CommandFailed } from './commands/backend.js';
import { doctorCommand } from './commands/doctor.js';

/** The command alone, for where nothing else of the bridge is set up. */
async function main(): Promise<number> {
  const out = (text: string): void => void process.stdout.write(text);
  try {
    await doctorCommand({ out }).exitOverride().parseAsync(process.argv.slice(2), { from: 'user' });
    return 0;
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode;
    const known = problem instanceof CommandFailed;
    const text = problem instanceof Error ? (known ? problem.message : problem.stack) : String(problem);
    process.stderr.write(`${text}\n`);
    return 1;
  }
}

process.exitCode = await main();
