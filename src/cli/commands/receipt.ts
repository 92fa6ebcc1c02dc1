import { Command } from 'commander';
import type { Use } from './backend.js';
import { receiptLines } from './receipt-lines.js';

const EXPLANATION = `
USER is an id, a userName, an externalId or an email address; of somebody who was deleted, too. The exit code is 1 when there
is nothing to show.

Example:
  idp-bridge receipt ann@corp.example`;

/** The command `receipt`: how somebody's access ended, from the push to the last effect. */
export function receiptCommand({ use, out }: { use: Use; out: (text: string) => void }): Command {
  return new Command('receipt')
    .description("how a person's access ended: each step with its time and outcome")
    .argument('<user>', 'id, userName, externalId or email')
    .option('--connection <name>', 'of one connection only')
    .option('--json', 'print JSON')
    .addHelpText('after', EXPLANATION)
    .action((user: string, { connection, json }: { connection?: string; json?: true }) =>
      use(async (backend) => {
        const receipt = await backend.receipt(user, connection);
        out(json ? `${JSON.stringify(receipt, null, 2)}\n` : `${receiptLines(receipt).join('\n')}\n`);
      }),
    );
}
