import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.js';

/** A throwaway PostgreSQL cluster of the test's own. */
export interface TestPostgres {
  /** Superuser's URL of database `bridge` on 127.0.0.1. */
  readonly url: string;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
  /** Kills the server at once, as a crash of the machine's would; the files stay. */
  kill9(): Promise<void>;
  /** Starts it again on the same port and files, after {@link kill9} or while it runs. */
  restart(): Promise<void>;
}

/** Where this machine's PostgreSQL programs lie, or nothing. */
function binaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

/**
 * Whether tests with a real PostgreSQL can run here. Prints the reason if not, and throws in continuous integration,
 * where nothing may be left out.
 */
export function postgresAvailable(): boolean {
  if (binaries()) return true;
  const reason = 'PostgreSQL is not installed (/usr/lib/postgresql/*/bin/initdb): its tests are left out';
  if (process.env['CI']) throw new Error(reason);
  console.warn(reason);
  return false;
}

/**
 * Makes and starts a cluster on a free port of 127.0.0.1; takes about two seconds.
 *
 * @param settings beside where it listens; the tests kill processes, not the machine, and need nothing flushed to the disk
 */
export async function startPostgres(settings: readonly string[] = ['fsync=off']): Promise<TestPostgres> {
  const bin = binaries();
  if (!bin) throw new Error('PostgreSQL is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'idp-bridge-postgres-'));
  const user = unprivileged();
  if (user) await chown(folder, user.uid, user.gid);
  const made = spawnSync(
    join(bin, 'initdb'),
    [
      '-D',
      join(folder, 'data'),
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-sync',
      '--no-instructions',
    ],
    { cwd: folder, encoding: 'utf8', ...user },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const cluster = new Cluster(bin, folder, port, user, settings);
  await cluster.start();
  await cluster.createDatabase();
  return cluster;
}

/** PostgreSQL refuses root: there the system's own user `postgres` runs it. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

class Cluster implements TestPostgres {
  readonly url: string;
  private server: ChildProcess | undefined;

  constructor(
    private readonly bin: string,
    private readonly folder: string,
    private readonly port: number,
    private readonly user: { uid: number; gid: number } | undefined,
    private readonly settings: readonly string[],
  ) {
    this.url = `postgres://postgres@127.0.0.1:${port}/bridge`;
  }

  async start(): Promise<void> {
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${this.folder}`,
      'max_connections=200',
      ...this.settings,
    ];
    const server = spawn(
      join(this.bin, 'postgres'),
      [
        '-D',
        join(this.folder, 'data'),
        '-p',
        String(this.port),
        ...settings.flatMap((setting) => ['-c', setting]),
      ],
      { cwd: this.folder, stdio: 'ignore', ...this.user },
    );
    this.server = server;
    const endWithTheTests = (): boolean => server.kill('SIGQUIT');
    process.once('exit', endWithTheTests);
    server.once('exit', () => process.off('exit', endWithTheTests));
    for (let i = 0; !(await this.answers()); i++) {
      if (server.exitCode !== null || i > 600) throw new Error('PostgreSQL does not start');
      await sleep(50);
    }
  }

  async createDatabase(): Promise<void> {
    await this.connected('postgres', async (client) => {
      await client.query('CREATE DATABASE bridge');
    });
  }

  async stop(): Promise<void> {
    await this.end('SIGINT');
    await rm(this.folder, { recursive: true, force: true });
  }

  async kill9(): Promise<void> {
    // The postmaster alone: its children see that it is gone, and end.
    const children = childrenOf(this.server?.pid);
    await this.end('SIGKILL');
    // Until then they hold its memory, so that no other server can start, and may answer whoever is connected.
    while (children.some(isRunning)) await sleep(5);
  }

  async restart(): Promise<void> {
    await this.end('SIGINT');
    await this.start();
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  }

  private async answers(): Promise<boolean> {
    try {
      await this.connected('postgres', (client) => client.query('SELECT 1'));
      return true;
    } catch {
      return false;
    }
  }

  private async connected(database: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, user: 'postgres', database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  }
}

function childrenOf(pid: number | undefined): string[] {
  if (pid === undefined) return [];
  const list = `/proc/${pid}/task/${pid}/children`;
  // It has ended by itself.
  if (!existsSync(list)) return [];
  return readFileSync(list, 'utf8')
    .split(' ')
    .filter((child) => child !== '');
}

/** One that has ended and is still listed, as nobody has asked for its end, runs no more. */
function isRunning(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return false;
  }
}
