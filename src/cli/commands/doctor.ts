import { Command, CommanderError } from 'commander';
import { connectCoder } from '../../coder/index.js';
import { ConfigError, loadConfig, readEnvironment, type Config } from '../../config/index.js';
import {
  diagnose,
  probeCoder,
  readinessJson,
  readinessTable,
  type Diagnosis,
  type Subject,
} from '../../doctor/index.js';
import { switchableDialects } from '../../scim/dialects/index.js';
import { startSimulator } from '../../simulator/index.js';
import { CommandFailed } from './backend.js';

/** Where the table goes, and what is looked at. */
export interface DoctorSurroundings {
  readonly out: (text: string) => void;
  /** The process's own when absent. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The terminal's when absent. */
  readonly columns?: number;
}

const EXPLANATION = `
Reads only, and changes nothing. Coder is found by the bridge's own settings: CODER_URL, CODER_SESSION_TOKEN and
CODER_ORGANIZATION. The token is never shown. The exit code is 1 when anything is to be mended.

Example:
  CODER_URL=https://coder.example CODER_SESSION_TOKEN=... idp-bridge doctor`;

/** The command `doctor`: for a program to add, or to be run alone. Throws CommanderError with exit code 1 when Coder is not ready. */
export function doctorCommand({
  out,
  environment,
  columns = process.stdout.columns || 100,
}: DoctorSurroundings): Command {
  return new Command('doctor')
    .description('what the Coder that the bridge is set to is ready for, and what to mend')
    .option('--json', 'print JSON')
    .addHelpText('after', EXPLANATION)
    .action(async ({ json }: { json?: true }) => {
      const { diagnosis, subject } = await examine(configOf(environment ?? readEnvironment()));
      out(
        json
          ? `${JSON.stringify(readinessJson(diagnosis, subject), null, 2)}\n`
          : readinessTable(diagnosis, subject, columns),
      );
      if (diagnosis.result === 'fail') {
        throw new CommanderError(1, 'idp-bridge.notReady', 'Coder is not ready for the bridge');
      }
    });
}

function configOf(environment: NodeJS.ProcessEnv): Config {
  try {
    return loadConfig(environment, { dialects: switchableDialects });
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailed(error.faults.join('\n'));
    throw error;
  }
}

async function examine({
  coder,
  connections,
  policy,
}: Config): Promise<{ diagnosis: Diagnosis; subject: Subject }> {
  const takesClaims = connections.some(({ oidc }) => oidc !== undefined);
  const simulator = coder.url === 'simulator' ? await startSimulator() : undefined;
  const url = simulator?.url ?? coder.url;
  const sessionToken = simulator?.token ?? coder.sessionToken;
  const silent = { error: () => undefined, warn: () => undefined };
  const connection = connectCoder(
    { url, ...(sessionToken !== undefined && { sessionToken }) },
    { log: silent },
  );
  try {
    const { organization } = coder;
    const probes = await probeCoder(connection.client, {
      ...(organization !== undefined && { organization }),
      ...(sessionToken !== undefined && { sessionToken }),
    });
    return {
      diagnosis: diagnose(probes, { ...policy, takesClaims }),
      subject: { url: shown(url), simulator: simulator !== undefined },
    };
  } finally {
    await connection.close();
    await simulator?.close();
  }
}

/** Without a name and a password, which a URL may carry. */
function shown(url: string): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.toString().replace(/\/$/, '');
}
