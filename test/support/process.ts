import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '../..');
/** Generous: the machine may be busy. */
const START_MS = 90_000;
const KEPT_LINES = 5_000;

/** Environment of a bridge: what is not named here is not set, whatever the shell of the tests holds. */
export type Settings = Readonly<Record<string, string>>;

/** The built program in a process of its own. */
export interface BridgeProcess {
  /** Where it listens, e.g. `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Coder as the bridge names it at its start. */
  readonly coderUrl: string;
  /** The token that a first start prints; the one of the settings otherwise. */
  readonly scimToken: string;
  /** What it printed to either stream. */
  readonly lines: readonly string[];
  readonly pid: number;
  /** The exit code; null after a signal. */
  readonly exited: Promise<number | null>;
  kill9(): Promise<void>;
  /** Asks it to end, and answers its exit code. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
}

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/**
 * Starts `node dist/main.js` on a free port of 127.0.0.1 and waits until it is ready.
 *
 * @throws with what it printed, when it ends or is not ready in time
 */
export async function startProcess(settings: Settings): Promise<BridgeProcess> {
  const launched = launch(settings);
  const { child, lines, exited } = launched;
  const url = await found(launched, /^ {2}Health +(http\S+)\/readyz/);
  const coderUrl = await found(launched, /^ {2}Coder +(http\S+)/);
  const token = await found(launched, /^ {2}SCIM token +(\S+)/);
  await ready(launched, url);
  return {
    url,
    coderUrl,
    scimToken: settings['SCIM_TOKEN'] ?? token,
    lines,
    pid: child.pid ?? 0,
    exited,
    kill9: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

/** Starts the program and kills it as soon as `moment` answers true, or when it is ready. */
export async function killWhileStarting(settings: Settings, moment: () => Promise<boolean>): Promise<void> {
  const { child, lines, exited } = launch(settings);
  while (child.exitCode === null && !(await moment()) && !lines.some((line) => line.includes('is running')))
    await sleep(5);
  child.kill('SIGKILL');
  await exited;
}

/** Runs the program to its end: for starts that should be refused. */
export async function runProcess(
  settings: Settings,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { exited, streams } = launch(settings);
  return { code: await exited, ...streams };
}

interface Launched {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly streams: { stdout: string; stderr: string };
  readonly exited: Promise<number | null>;
}

function launch(settings: Settings): Launched {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL: 'https://bridge.example',
      LOG_LEVEL: 'warn',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.add(child);
  const lines: string[] = [];
  const streams = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      if (streams[name].length < 1_000_000) streams[name] += `${line}\n`;
    });
  }
  const exited = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      alive.delete(child);
      done(code);
    });
  });
  return { child, lines, streams, exited };
}

async function found(launched: Launched, pattern: RegExp): Promise<string> {
  return until(launched, () => {
    for (const line of launched.lines) {
      const text = pattern.exec(line)?.[1];
      if (text !== undefined) return text;
    }
    return undefined;
  });
}

async function ready(launched: Launched, url: string): Promise<void> {
  await until(launched, async () => {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    return answer?.status === 200 ? true : undefined;
  });
}

async function until<T>(
  { child, lines, exited }: Launched,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended) await exited;
    const answer = await look();
    if (answer !== undefined) return answer;
    if (ended || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the bridge ${ended ? 'ended' : 'is not ready'}:\n${lines.join('\n')}`);
    }
    await sleep(20);
  }
}
