import { Command, InvalidArgumentError, Option } from 'commander';
import { PROFILE_NAMES, serveSimulator, type ServeOptions, type ServeOutput } from '../../simulator/index.js';

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

const EXPLANATION = `
It prints its URL and token, and runs until it is interrupted. To run a bridge against it:
  CODER_URL=http://127.0.0.1:40444 CODER_SESSION_TOKEN=... idp-bridge doctor

Example:
  idp-bridge simulator --port 40444 --profile n26-scim2 --state coder.jsonl`;

/** The command `simulator`: a simulated Coder that runs alone until the signal. For a program to add, or to be run alone. */
export function simulatorCommand(output: ServeOutput): Command {
  return new Command('simulator')
    .description(
      'a simulated Coder to test against: its API, its SCIM server, and /simulator/... to steer it',
    )
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
    .addHelpText('after', EXPLANATION)
    .action((options: Parsed) => serveSimulator(served(options), output));
}

function served({ state, ...options }: Parsed): ServeOptions {
  return { ...options, ...(state !== undefined && { stateFile: state }) };
}

function whole(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const number = /^-?\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (number >= lowest && number <= highest) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`);
  };
}
