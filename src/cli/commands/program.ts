import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { adoptCommand } from './adopt.js';
import type { Backend, RequestFilter, Use, WireRequest } from './backend.js';
import { doctorCommand } from './doctor.js';
import { explainCommand } from './explain.js';
import { requestLines, tokenLines } from './lines.js';
import type { Place } from './open-backend.js';
import { pauseCommands } from './pause.js';
import { receiptCommand } from './receipt.js';
import { rulesCommand } from './rules.js';
import { simulatorCommand } from './simulator.js';

/** What surrounds a run of the command line. */
export interface Surroundings {
  readonly open: (place: Place) => Promise<Backend>;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Ends `--follow`. */
  readonly signal: AbortSignal;
  /** How often `--follow` looks, milliseconds. */
  readonly followMs?: number;
}

const FOLLOW_MS = 1_000;

const EXPLANATION = `
The bridge is found by BRIDGE_URL (or --url) and ADMIN_TOKEN, else by DATABASE_URL, else in DATA_DIR. On the
embedded database, which has one owner, a bridge that runs is asked at 127.0.0.1 and PORT.`;

/**
 * Runs a command line.
 *
 * @param argv without the program's name
 * @throws CommanderError after a complaint, or after `--help` with exit code 0; CommandFailed
 */
export async function runCommand(argv: readonly string[], surroundings: Surroundings): Promise<void> {
  const program = new Command('idp-bridge')
    .description('idp-bridge: keeps Coder in step with identity providers')
    .option('--url <url>', 'a running bridge [env: BRIDGE_URL]', httpUrl)
    .option('--admin-token <token>', 'its admin token [env: ADMIN_TOKEN]')
    .addHelpText('after', EXPLANATION)
    .configureOutput({ writeOut: surroundings.out, writeErr: surroundings.error })
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  const use: Use = async (work) => {
    const backend = await surroundings.open(program.opts<Place>());
    try {
      await work(backend);
    } finally {
      await backend.close();
    }
  };
  addTokenCommands(program, use, surroundings);
  addRequestsCommand(program, use, surroundings);
  const { out } = surroundings;
  for (const command of [
    ...pauseCommands({ use, out }),
    adoptCommand({ use, out }),
    explainCommand({ use, out }),
    receiptCommand({ use, out }),
    rulesCommand({ use, out }),
    doctorCommand({ out }),
    simulatorCommand(surroundings),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  await program.parseAsync(argv, { from: 'user' });
}

function addTokenCommands(program: Command, use: Use, { out, error }: Surroundings): void {
  const token = program.command('token').description('tokens that identity providers present');
  token
    .command('create')
    .description('make a token; it is printed this once, and stored as a hash')
    .requiredOption('--connection <name>', 'whose token it is')
    .requiredOption('--label <text>', 'what it is called in lists and logs')
    .option('--expires <time>', 'when it ends: 90d, 12h, 2027-01-31; without it, never')
    .option('--json', 'print JSON')
    .action((options: { connection: string; label: string; expires?: string; json?: true }) =>
      use(async (backend) => {
        const made = await backend.createToken(options.connection, options.label, options.expires);
        if (options.json) {
          out(`${JSON.stringify(made)}\n`);
          return;
        }
        // Alone on standard output, so that a script can take it.
        out(`${made.token}\n`);
        error(
          `Token ${made.id} of connection ${made.connection}, "${made.label}"; it ends ${made.expiresAt ?? 'never'}.\n` +
            'It is shown only this once.\n',
        );
      }),
    );
  token
    .command('list')
    .description('list tokens with their state and last use, never themselves')
    .option('--connection <name>', 'of one connection only')
    .option('--json', 'print JSON')
    .action((options: { connection?: string; json?: true }) =>
      use(async (backend) => {
        const tokens = await backend.listTokens(options.connection);
        out(options.json ? `${JSON.stringify(tokens)}\n` : `${tokenLines(tokens).join('\n')}\n`);
      }),
    );
  token
    .command('revoke')
    .description('end a token; running bridges follow within five seconds')
    .argument('<id>', 'its id, from the list')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: true }) =>
      use(async (backend) => {
        await backend.revokeToken(id);
        out(options.json ? `${JSON.stringify({ id, revoked: true })}\n` : `Token ${id} has ended.\n`);
      }),
    );
}

interface RequestOptions {
  readonly connection?: string;
  readonly status?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly follow?: true;
  readonly json?: true;
}

function addRequestsCommand(program: Command, use: Use, surroundings: Surroundings): void {
  program
    .command('requests')
    .description('what identity providers asked, and what they were answered; the newest last')
    .option('--connection <name>', 'of one connection only')
    .option('--status <status>', 'only answers such as 404 or 4xx')
    .option('--since <time>', 'only since 15m, 1h, 7d, or a time')
    .option('--limit <number>', 'so many at most, up to 1000 (default: 100)')
    .option('--follow', 'go on with what comes, until interrupted')
    .option('--json', 'print one JSON object a line')
    .action((options: RequestOptions) => use((backend) => showRequests(backend, options, surroundings)));
}

async function showRequests(
  backend: Backend,
  { follow, json, ...filter }: RequestOptions,
  { out, signal, followMs = FOLLOW_MS }: Surroundings,
): Promise<void> {
  const show = (requests: readonly WireRequest[]): void => {
    for (const request of requests)
      out(`${json ? JSON.stringify(request) : requestLines(request).join('\n')}\n`);
  };
  const found = (await backend.requests(filter)).toReversed();
  show(found);
  if (!follow) return;
  let last = found.at(-1)?.id ?? 0;
  const { since: _since, limit: _limit, ...lasting } = filter;
  while (!signal.aborted) {
    await sleep(followMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const asked: RequestFilter = { ...lasting, after: String(last) };
    const came = await backend.requests(last === 0 ? filter : asked);
    show(last === 0 ? came.toReversed() : came);
    last = Math.max(last, ...came.map(({ id }) => id));
  }
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new InvalidArgumentError('Expected a URL that begins with http:// or https://.');
  return text;
}
