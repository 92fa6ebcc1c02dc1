import { Command } from 'commander';
import type { Backend, Use, WireConnectionState } from './backend.js';

/** Where the answer goes, and who gives it. */
interface PauseSurroundings {
  readonly use: Use;
  readonly out: (text: string) => void;
}

/** The commands `pause` and `resume`. */
export function pauseCommands({ use, out }: PauseSurroundings): Command[] {
  const command = (
    name: string,
    description: string,
    work: (backend: Backend, connection: string) => Promise<WireConnectionState>,
    say: (state: WireConnectionState) => string,
  ): Command =>
    new Command(name)
      .description(description)
      .argument('<connection>', "the connection's name")
      .option('--json', 'print JSON')
      .action((connection: string, { json }: { json?: true }) =>
        use(async (backend) => {
          const state = await work(backend, connection);
          out(json ? `${JSON.stringify(state)}\n` : `${say(state)}\n`);
        }),
      );
  return [
    command(
      'pause',
      'record what a connection is told, and apply nothing of it to Coder',
      (backend, connection) => backend.pause(connection),
      pausedText,
    ),
    command(
      'resume',
      'apply what a paused connection was told meanwhile, losses of access first',
      (backend, connection) => backend.resume(connection),
      resumedText,
    ),
  ];
}

function pausedText({ connection, changed, pausedAt, waiting }: WireConnectionState): string {
  const since = changed ? 'is paused' : `was paused already, since ${pausedAt ?? 'a moment ago'}`;
  return `Connection ${connection} ${since}; users and groups that wait: ${waiting}.`;
}

function resumedText({ connection, changed, waiting }: WireConnectionState): string {
  return changed
    ? `Connection ${connection} goes on; users and groups that are taken up: ${waiting}.`
    : `Connection ${connection} was not paused.`;
}
