import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { CommandLineSettings } from '../../config/index.js';

export type ProviderName = 'okta' | 'entra';

/** What a run of the demo was asked for. */
export interface DemoOptions {
  readonly provider: ProviderName;
  readonly users: number;
  readonly groups: number;
  /** None: 1 for a bridge of the demo's own, any for one that has run before. */
  readonly seed?: number;
  /** A bridge that runs. */
  readonly url?: string;
  readonly token?: string;
  readonly adminToken?: string;
  /** A Coder that is no simulator. */
  readonly coderUrl?: string;
  readonly coderToken?: string;
  /** Requests per minute and path of the simulated Coder; -1: no limit. */
  readonly coderRateLimit?: number;
  /** How long nothing may move before the demo gives up waiting. */
  readonly patienceMs: number;
}

/** Where the help and complaints go. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

const EXPLANATION = `
Plays the requests of a real identity provider against a bridge: people are assigned, groups are
pushed, names and members change, some leave, one returns, and all of it is stated again. Then what
was stated is compared with what Coder holds. The exit code is 1 when anything differs.

Without --url the demo uses the bridge at http://127.0.0.1:3000 if one answers and a token is given;
else it starts one of its own, with a simulated Coder, and removes it at the end. Of a bridge that
runs it needs both tokens; the admin token is found in DATA_DIR on the same machine.

Examples:
  npm run demo -- okta
  npm run demo -- entra --users 1000 --groups 50
  SCIM_TOKEN=... ADMIN_TOKEN=... npm run demo -- okta --url https://bridge.example`;

/**
 * Reads the command line; what it does not say, the environment may.
 *
 * @throws CommanderError after a complaint, or after `--help` with exit code 0
 */
export function readArguments(
  argv: readonly string[],
  settings: CommandLineSettings,
  output: Output,
): DemoOptions {
  const program = new Command('npm run demo --')
    .description('idp-bridge: a demonstration')
    .addArgument(
      new Argument('<provider>', 'the identity provider that is played').choices(['okta', 'entra']),
    )
    .option('--users <number>', 'people in the company, 10 to 10000', integer(10, 10_000), 20)
    .option('--groups <number>', 'groups, 2 to 500', integer(2, 500), 4)
    .option('--seed <number>', 'the same seed invents the same company', integer(1, 999_999))
    .option('--url <url>', 'a running bridge [env: BRIDGE_URL]', httpUrl)
    .option('--token <token>', 'its SCIM token [env: SCIM_TOKEN]')
    .option('--admin-token <token>', 'its admin token [env: ADMIN_TOKEN]')
    .option('--coder-url <url>', 'the Coder behind a running bridge, where it is not the simulator', httpUrl)
    .option('--coder-token <token>', 'a session token of an owner there')
    .addOption(
      new Option(
        '--coder-rate-limit <number>',
        "requests per minute and path that the demo's own Coder permits, -1 for no limit (default: 512)",
      ).argParser(rateLimit),
    )
    .option('--patience <seconds>', 'give up waiting when nothing moves for so long', integer(1, 86_400), 120)
    .addHelpText('after', EXPLANATION)
    .configureOutput({ writeOut: output.out, writeErr: output.error })
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  program.parse(argv, { from: 'user' });
  const { patience, ...given } = program.opts<Parsed>();
  const [provider] = program.processedArgs as [ProviderName];
  if ((given.coderUrl === undefined) !== (given.coderToken === undefined)) {
    program.error('error: --coder-url and --coder-token go together');
  }
  const { scimToken, adminToken, bridgeUrl } = settings;
  return {
    provider,
    patienceMs: patience * 1_000,
    ...(scimToken === undefined ? {} : { token: scimToken }),
    ...(adminToken === undefined ? {} : { adminToken }),
    ...(bridgeUrl === undefined ? {} : { url: fromEnvironment(program, bridgeUrl) }),
    ...given,
  };
}

type Parsed = Omit<DemoOptions, 'provider' | 'patienceMs'> & { readonly patience: number };

function fromEnvironment(program: Command, url: string): string {
  try {
    return httpUrl(url);
  } catch (error) {
    return program.error(`error: BRIDGE_URL: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function integer(from: number, to: number) {
  return (text: string): number => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    throw new InvalidArgumentError(`Expected an integer from ${from} to ${to}.`);
  };
}

function rateLimit(text: string): number {
  return text === '-1' ? -1 : integer(1, 999_999)(text);
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new InvalidArgumentError('Expected a URL that begins with http:// or https://.');
  }
  return text.replace(/\/+$/, '').replace(/\/scim\/v2$/, '');
}
