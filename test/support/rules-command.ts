import type { Backend } from '../../src/cli/commands/backend.js';
import { runCommand } from '../../src/cli/commands/program.js';
import type { CoderClient } from '../../src/coder/index.js';
import { systemClock } from '../../src/common/index.js';
import type { Config } from '../../src/config/index.js';
import { CoderSettings } from '../../src/reconcile/idp-sync/coder-settings.js';
import { RulesAdmin } from '../../src/reconcile/index.js';

/** What a command printed, and what it complained of. */
export interface Printed {
  readonly out: string;
  readonly problem: string | null;
}

/** `idp-bridge rules ...`, as a backend answers it. */
export async function runRules(open: () => Promise<Backend>, argv: readonly string[]): Promise<Printed> {
  let out = '';
  const problem = await runCommand(['rules', ...argv], {
    open,
    out: (text) => (out += text),
    error: () => undefined,
    signal: new AbortController().signal,
  }).then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  return { out, problem };
}

/** What a bridge with this configuration would answer, without one. */
export function rulesBackend(client: CoderClient, config: Pick<Config, 'connections'>): Backend {
  const admin = new RulesAdmin(new CoderSettings(client, systemClock), client, config);
  const wire = async <T>(answer: Promise<T>): Promise<T> => JSON.parse(JSON.stringify(await answer)) as T;
  const backend: Partial<Backend> = {
    rules: (connection) => wire(admin.show(connection)),
    checkRules: (connection) => wire(admin.check(connection)),
    changeRules: (how, connection, write) =>
      wire(how === 'push' ? admin.push(connection, write) : admin.handOver(connection, write)),
    close: async () => undefined,
  };
  return backend as Backend;
}
