import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';

/** A throwaway Redis of the test's own on 127.0.0.1, with an append-only file in a temporary folder. */
export interface TestRedis {
  readonly url: string;
  /** Starts it on the same port and files, where it does not run. */
  start(): Promise<void>;
  /** Ends it in good order; the files stay. */
  stop(): Promise<void>;
  /** Kills it at once. @param loseBytes cut from the end of the append-only file, as a crash of the machine would lose them */
  kill9(loseBytes?: number): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

/**
 * Whether tests with a real Redis can run here. Prints the reason if not, and throws in continuous integration, where
 * nothing may be left out.
 */
export function redisAvailable(): boolean {
  if (spawnSync('redis-server', ['--version']).status === 0) return true;
  const reason = 'Redis is not installed (redis-server): its tests are left out';
  if (process.env['CI']) throw new Error(reason);
  console.warn(reason);
  return false;
}

const SETTINGS = ['--appendonly', 'yes', '--appendfsync', 'no', '--maxmemory-policy', 'noeviction'];

/** Starts a Redis. @param settings further settings, which win, e.g. `['--appendonly', 'no']` */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'idp-bridge-redis-'));
  const server = new Server(folder, await freePort(), [...SETTINGS, ...settings]);
  await server.start();
  return server;
}

class Server implements TestRedis {
  readonly url: string;
  private server: ChildProcess | undefined;

  constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly settings: readonly string[],
  ) {
    this.url = `redis://127.0.0.1:${port}`;
    process.once('exit', () => this.server?.kill('SIGKILL'));
  }

  async start(): Promise<void> {
    if (this.server) return;
    const server = spawn(
      'redis-server',
      [
        '--port',
        String(this.port),
        '--bind',
        '127.0.0.1',
        '--dir',
        this.folder,
        '--save',
        '',
        ...this.settings,
      ],
      { stdio: 'ignore' },
    );
    this.server = server;
    for (let i = 0; !(await answers(this.port)); i++) {
      if (server.exitCode !== null || i > 600) throw new Error('Redis does not start');
      await sleep(20);
    }
  }

  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  async kill9(loseBytes = 0): Promise<void> {
    await this.end('SIGKILL');
    if (loseBytes > 0) await this.loseTail(loseBytes);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  }

  /** Redis 7 keeps the newest commands in the file that ends so; a torn last command is dropped by Redis itself. */
  private async loseTail(bytes: number): Promise<void> {
    const folder = join(this.folder, 'appendonlydir');
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.incr.aof')) continue;
      const { size } = await stat(join(folder, name));
      await truncate(join(folder, name), Math.max(0, size - bytes));
    }
  }
}

/** Whether it answers a PING; while it loads its file it answers an error instead. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'));
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')));
    socket.once('error', () => end(false));
    socket.setTimeout(1_000, () => end(false));
  });
}
