import { Command } from 'commander';
import { CommandFailed } from './backend.js';
import type { Backend, Use } from './backend.js';
import { changeLines, findingLines, rulesLines } from './rules-lines.js';

/** Where the answer goes, and who gives it. */
interface RulesSurroundings {
  readonly use: Use;
  readonly out: (text: string) => void;
}

interface Options {
  readonly connection?: string;
  readonly json?: true;
  readonly yes?: true;
}

const EXPLANATION = `
The rules are Coder's own settings of IdP sync, with what the file of BRIDGE_CONFIG says (idpSync) in their place.

Examples:
  idp-bridge rules show
  idp-bridge rules check --connection okta
  idp-bridge rules push --yes
  idp-bridge rules hand-over`;

/** The command `rules`: what claims are read by, whether it is sound, and who carries it out. */
export function rulesCommand({ use, out }: RulesSurroundings): Command {
  const group = new Command('rules')
    .description("what claims mean in Coder: the settings of Coder's own IdP sync, and what the file says")
    .addHelpText('after', EXPLANATION);
  const add = (
    name: string,
    description: string,
    work: (backend: Backend, options: Options) => Promise<void>,
    writes = false,
  ): void => {
    const command = new Command(name)
      .description(description)
      .option('--connection <name>', 'of one connection only')
      .option('--json', 'print JSON');
    if (writes) command.option('--yes', 'write it; without this it is only shown');
    command.action((options: Options) => use((backend) => work(backend, options)));
    group.addCommand(command);
  };
  const print = (json: true | undefined, value: object, lines: () => readonly string[]): void =>
    out(json ? `${JSON.stringify(value)}\n` : `${lines().join('\n')}\n`);

  add('show', 'the settings that hold, and where each comes from', async (backend, { connection, json }) => {
    const report = await backend.rules(connection);
    print(json, report, () => rulesLines(report));
  });
  add(
    'check',
    'look names, ids and regular expressions up in Coder; exit code 1 where one is wrong',
    async (backend, { connection, json }) => {
      const findings = await backend.checkRules(connection);
      print(json, { findings }, () => findingLines(findings));
      const errors = findings.filter(({ severity }) => severity === 'error').length;
      if (errors > 0) throw new CommandFailed(`Errors: ${errors}.`);
    },
  );
  const change =
    (how: 'push' | 'hand-over') =>
    async (backend: Backend, { connection, json, yes }: Options): Promise<void> => {
      const changes = await backend.changeRules(how, connection, yes === true);
      print(json, { changes }, () => changeLines(how, changes));
      const stopped = changes.filter(({ outcome }) => outcome === 'blocked' || outcome === 'refused').length;
      if (stopped > 0)
        throw new CommandFailed(`Not everything can be written: ${stopped} of ${changes.length}.`);
    };
  add('push', "write the file's settings to Coder; what it does not say stays there", change('push'), true);
  add(
    'hand-over',
    "take from Coder's own login what the bridge is to do; the mapping stays in Coder",
    change('hand-over'),
    true,
  );
  return group;
}
