import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CannotPlay } from './cannot-play.js';

/** The service beside this command, compiled as it is. */
const PROGRAM = fileURLToPath(new URL('../../main.js', import.meta.url));

/** A machine that builds and tests at the same time takes its time to start a database. */
const START_MS = 120_000;
/** The bridge itself gives up draining before this. */
const END_MS = 35_000;
const LOOK_MS = 100;
/** Characters of output that are kept for a complaint. */
const KEPT = 4_000;

/** A bridge in a process of its own, ended by its own id. */
export class ChildBridge {
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  private ended = false;
  private output = '';
  private listensAt: string | undefined;

  /** @param environment all that it is told */
  constructor(environment: NodeJS.ProcessEnv) {
    // Apart from the terminal's group: Ctrl-C is for the demo, which then ends the bridge in good order.
    this.child = spawn(process.execPath, [PROGRAM], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        const all = this.output + text;
        this.listensAt ??= /^ {2}Health +(http\S+)\/readyz/m.exec(all)?.[1];
        this.output = all.slice(-KEPT);
      });
    }
    this.exited = new Promise((resolve) => {
      const end = (): void => {
        this.ended = true;
        resolve();
      };
      this.child.once('exit', end);
      this.child.once('error', (error) => {
        this.output += `${error.message}\n`;
        end();
      });
    });
  }

  /** Where it listens, once it has said so. */
  get url(): string | undefined {
    return this.listensAt;
  }

  /**
   * Looks until there is something, and answers it.
   *
   * @throws CannotPlay with its last words when it ends or takes too long; the signal's reason
   */
  async until<T>(look: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      signal.throwIfAborted();
      if (this.ended) throw new CannotPlay(`The bridge did not start. It said:\n${this.output.trim()}`);
      if (performance.now() > deadline) {
        throw new CannotPlay(
          `The bridge did not start within ${START_MS / 1_000} s. It said:\n${this.output.trim()}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Ends it, by force when it does not go by itself. */
  async end(): Promise<void> {
    if (this.ended) return;
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    await this.exited;
    clearTimeout(force);
  }
}
