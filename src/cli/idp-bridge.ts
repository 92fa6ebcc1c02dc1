#!/usr/bin/env node
import 'reflect-metadata';

import { CommanderError } from 'commander';
import { commandLineSettings, readEnvironment } from '../config/index.js';
import { DatabaseUnavailable, DataDirUnusable } from '../database/index.js';
import { CommandFailed } from './commands/backend.js';
import { openBackend } from './commands/open-backend.js';
import { runCommand } from './commands/program.js';

async function main(): Promise<number> {
  const error = (text: string): void => void process.stderr.write(text);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  // Whoever reads along may stop reading (`| head`).
  process.stdout.on('error', () => process.exit(0));
  const settings = commandLineSettings(readEnvironment());
  try {
    await runCommand(process.argv.slice(2), {
      open: (place) => openBackend(place, settings),
      out: (text) => void process.stdout.write(text),
      error,
      signal: ending.signal,
    });
    return 0;
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode;
    error(`${messageOf(problem)}\n`);
    return 1;
  }
}

function messageOf(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem);
  if (problem instanceof CommandFailed || problem instanceof DataDirUnusable) return problem.message;
  if (problem instanceof DatabaseUnavailable) return `${problem.message}; check DATABASE_URL`;
  return problem.stack ?? problem.message;
}

// By exit(), once what was written is out: an interrupted --follow leaves a request on its way.
const code = await main();
process.stdout.write('', () => process.exit(code));
