import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { PROFILE_NAMES, serveSimulator, type ServeOptions } from '../simulator/index.js';

/** Runs a simulated Coder alone, so that others can test against it: `node dist/cli/simulator.js --help`. */

interface Parsed {
  readonly port?: number;
  readonly host?: string;
  readonly profile?: (typeof PROFILE_NAMES)[number];
  readonly token?: string;
  readonly tokenFile?: string;
  readonly state?: string;
  readonly rateLimit?: number;
  readonly scimSecret?: string;
}

function whole(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const number = /^-?\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (number >= lowest && number <= highest) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`);
  };
}

function read(argv: readonly string[]): ServeOptions {
  const command = new Command('simulator')
    .description('Runs a simulated Coder: its API, its SCIM server, and /simulator/... to steer it.')
    .addOption(new Option('--port <number>', 'port to listen on (default: any)').argParser(whole(0, 65_535)))
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .addOption(new Option('--profile <release>', 'release to play').choices(PROFILE_NAMES))
    .option('--token <token>', 'session token of the owner: 10 characters, a hyphen, 22 characters')
    .option('--token-file <file>', 'file that holds the token')
    .option('--state <file>', 'keep the state in this file over restarts')
    .addOption(
      new Option('--rate-limit <number>', 'requests per minute and path (default: no limit)').argParser(
        whole(-1, 1_000_000),
      ),
    )
    .option('--scim-secret <secret>', "switch Coder's own SCIM server on")
    .exitOverride();
  const { state, ...options } = command.parse(argv, { from: 'user' }).opts<Parsed>();
  return { ...options, ...(state !== undefined && { stateFile: state }) };
}

async function main(): Promise<number> {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  try {
    const out = (text: string): void => void process.stdout.write(text);
    await serveSimulator(read(process.argv.slice(2)), { out, signal: ending.signal });
    return 0;
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode;
    process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
    return 1;
  }
}

process.exit(await main());
