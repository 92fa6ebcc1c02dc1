import { Command } from 'commander';
import { CommandFailed } from './backend.js';
import type { Backend, Use, WireGroupMatch, WireUserMatch } from './backend.js';
import type { ReportPage } from '../../reconcile/index.js';
import { approvalLines, groupMatchLines, userMatchLines } from './adopt-lines.js';

/** Where the answer goes, and who gives it. */
interface AdoptSurroundings {
  readonly use: Use;
  readonly out: (text: string) => void;
}

interface Options {
  readonly report?: true;
  readonly approve?: string[] | true;
  readonly all?: true;
  readonly connection?: string;
  readonly json?: true;
}

const EXPLANATION = `
The report changes nothing, and may be asked for before anything was applied: while a connection is paused, or with
DRY_RUN. An account is matched by its email address; one that has the username alone is shown, and never adopted.

Examples:
  idp-bridge adopt --report
  idp-bridge adopt --approve ada@corp.example grace@corp.example
  idp-bridge adopt --approve --all --connection okta`;

const WHAT_TO_SAY = 'Say --report, --approve with users (userName, email address or id), or --approve --all.';

/** The command `adopt`: what would be matched with what is in Coder already, and a person's word for it. */
export function adoptCommand({ use, out }: AdoptSurroundings): Command {
  return new Command('adopt')
    .description('accounts and groups that Coder has already: what would be taken over, and approving it')
    .option('--report', 'list what would be matched, with the evidence')
    .option('--approve [users...]', 'let adoptions pass that wait for approval')
    .option('--all', 'all that wait')
    .option('--connection <name>', 'of one connection only')
    .option('--json', 'print JSON')
    .addHelpText('after', EXPLANATION)
    .action((options: Options) =>
      use((backend) => (options.report ? report(backend, options, out) : approve(backend, options, out))),
    );
}

async function report(backend: Backend, options: Options, out: AdoptSurroundings['out']): Promise<void> {
  if (options.approve !== undefined || options.all) throw new CommandFailed(WHAT_TO_SAY);
  const { connection } = options;
  const users = await walk<WireUserMatch>(backend, 'user', connection);
  const groups = await walk<WireGroupMatch>(backend, 'group', connection);
  if (options.json) {
    out(
      `${JSON.stringify({
        users: users.matches,
        groups: groups.matches,
        compared: { users: users.compared, groups: groups.compared },
      })}\n`,
    );
    return;
  }
  const lines = [
    ...userMatchLines(users.matches, users.compared),
    '',
    ...groupMatchLines(groups.matches, groups.compared),
  ];
  out(`${lines.join('\n')}\n`);
}

async function walk<Match>(
  backend: Backend,
  kind: 'user' | 'group',
  connection: string | undefined,
): Promise<{ matches: Match[]; compared: number }> {
  const matches: Match[] = [];
  let compared = 0;
  for (let after: string | null = null; ;) {
    const page: ReportPage<Match> = await backend.adoption<Match>(kind, after, connection);
    matches.push(...page.matches);
    compared += page.compared;
    if (page.next === null) return { matches, compared };
    after = page.next;
  }
}

async function approve(backend: Backend, options: Options, out: AdoptSurroundings['out']): Promise<void> {
  const named = Array.isArray(options.approve) ? options.approve : [];
  // Both at once would leave open which was meant.
  if (options.all ? named.length > 0 : named.length === 0) throw new CommandFailed(WHAT_TO_SAY);
  const result = await backend.approveAdoptions(options.all ? 'all' : named, options.connection);
  out(options.json ? `${JSON.stringify(result)}\n` : `${approvalLines(result).join('\n')}\n`);
  if (result.unknown.length + result.ambiguous.length > 0) {
    throw new CommandFailed('Not everybody who was named is approved: see idp-bridge adopt --report.');
  }
}
