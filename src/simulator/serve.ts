import { readFileSync } from 'node:fs';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.js';
import type { Profile } from './state/switches.js';

/** What the simulator is asked for when it runs alone. */
export interface ServeOptions {
  /** Absent: the port of the last start, or any free one. */
  readonly port?: number;
  readonly host?: string;
  readonly profile?: Profile;
  /** `<10 characters>-<22 characters>`; absent: that of the state file, or a new one. */
  readonly token?: string;
  /** A file that holds the token, which then shows in no list of processes. */
  readonly tokenFile?: string;
  readonly stateFile?: string;
  /** Requests per minute, address and path; absent: no limit. */
  readonly rateLimit?: number;
  /** Switches Coder's own SCIM server on. */
  readonly scimSecret?: string;
}

export interface ServeOutput {
  readonly out: (text: string) => void;
  /** Ends the simulator. */
  readonly signal: AbortSignal;
}

/** Runs a simulated Coder, says where it is and with which token, and ends with the signal. */
export async function serveSimulator(options: ServeOptions, { out, signal }: ServeOutput): Promise<void> {
  const simulator = await startSimulator(startOptions(options));
  out(greeting(simulator));
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await simulator.close();
}

function startOptions(options: ServeOptions): SimulatorOptions {
  const { port, host, profile, stateFile, rateLimit, scimSecret, tokenFile } = options;
  const token = tokenFile === undefined ? options.token : readFileSync(tokenFile, 'utf8').trim();
  return {
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
    ...(stateFile !== undefined && { stateFile }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(token !== undefined && { token }),
    switches: {
      ...(profile !== undefined && { profile }),
      ...(scimSecret !== undefined && { scimSecret, features: { scim: true } }),
    },
  };
}

function greeting(simulator: Simulator): string {
  const { profile, scimSecret } = simulator.state.switches;
  const lines = [
    `Coder (simulated, ${profile})`,
    `  URL    ${simulator.url}`,
    `  Token  ${simulator.token}`,
    ...(scimSecret ? [`  SCIM   ${simulator.url}/scim/v2`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
