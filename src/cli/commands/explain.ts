import { Command } from 'commander';
import type { Use } from './backend.js';
import { explanationLines } from './explain-lines.js';

const EXPLANATION = `
USER is an id, a userName, an externalId or an email address. For each organization, group and role the sources that state it
are told, with the time; for what is stated and missing in Coder, why. The exit code is 1 when there is nobody to show.

Example:
  idp-bridge explain ann@corp.example`;

/** The command `explain`: why a person has what they have in Coder, and why not what they have not. */
export function explainCommand({ use, out }: { use: Use; out: (text: string) => void }): Command {
  return new Command('explain')
    .description("where a person's memberships and roles in Coder come from, and why others are missing")
    .argument('<user>', 'id, userName, externalId or email')
    .option('--connection <name>', 'of one connection only')
    .option('--json', 'print JSON')
    .addHelpText('after', EXPLANATION)
    .action((user: string, { connection, json }: { connection?: string; json?: true }) =>
      use(async (backend) => {
        const explanation = await backend.explain(user, connection);
        out(
          json
            ? `${JSON.stringify(explanation, null, 2)}\n`
            : `${explanationLines(explanation).join('\n')}\n`,
        );
      }),
    );
}
