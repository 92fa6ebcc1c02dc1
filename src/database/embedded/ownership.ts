import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Another living process has the folder open. */
export class DataDirOwned extends Error {
  constructor(dataDir: string) {
    super(`DATA_DIR ${dataDir} is in use by another running idp-bridge; stop it, or choose another folder`);
    this.name = 'DataDirOwned';
  }
}

/** The longest socket path that every platform takes (sun_path: 104 bytes on macOS, 108 on Linux). */
const LONGEST_PATH = 103;
const TRIES = 20;
const ANSWER_MS = 2_000;

/** A socket of this process: under a name of its own, answering what this process is to the folder. */
interface Claim {
  readonly name: string;
  state: 'starting' | 'owned';
  readonly server: Server;
}

/**
 * Makes this process the folder's only owner until the answered function is called or the process is gone. Owner is
 * who holds a socket: the kernel closes it with the process, whichever way that ends, so that nothing has to be
 * cleaned up after a kill, and process numbers of containers do not matter.
 *
 * Each starter binds a socket under a name that is never used again, then looks at the others: one that refuses
 * connections is left over and removed; one that answers `owned` has the folder. Two that start at once see each
 * other `starting`, withdraw, and try again after a random while: never both get it.
 *
 * @param folder the real path of DATA_DIR
 * @throws DataDirOwned
 */
export async function ownDataDir(folder: string): Promise<() => Promise<void>> {
  const place = await socketPlace(folder);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const claim = await bind(place);
    const other = await strongestOther(place, claim.name);
    if (other === 'none') {
      claim.state = 'owned';
      return () => withdraw(place, claim);
    }
    await withdraw(place, claim);
    if (other === 'owned') break;
    await sleep(20 + Math.random() * 30 * (attempt + 1));
  }
  throw new DataDirOwned(folder);
}

/** The folder itself, or where its path is too long for a socket, a folder of temporary files named by its hash. */
async function socketPlace(folder: string): Promise<string> {
  if (Buffer.byteLength(join(folder, socketName('starting'))) <= LONGEST_PATH) return folder;
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const place = join(tmpdir(), `idp-bridge-${hash}`);
  await mkdir(place, { recursive: true, mode: 0o700 });
  return place;
}

function socketName(stage: 'starting' | 'owner'): string {
  return `${stage}-${randomBytes(6).toString('hex')}.sock`;
}

async function bind(place: string): Promise<Claim> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(claim.state);
  });
  const claim: Claim = { name: socketName('owner'), state: 'starting', server };
  // Between bind and listen a socket refuses connections and would pass for a left-over one, so it gets the name that
  // others look for only when it listens.
  const first = join(place, socketName('starting'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(first, resolve);
  });
  server.unref();
  await rename(first, join(place, claim.name));
  return claim;
}

async function withdraw(place: string, claim: Claim): Promise<void> {
  await rm(join(place, claim.name), { force: true });
  await new Promise<void>((resolve) => claim.server.close(() => resolve()));
}

async function strongestOther(place: string, mine: string): Promise<'none' | 'starting' | 'owned'> {
  let strongest: 'none' | 'starting' = 'none';
  for (const name of await readdir(place)) {
    if (name === mine || !/^owner-[0-9a-f]{12}\.sock$/.test(name)) continue;
    const answer = await ask(join(place, name));
    if (answer === 'owned') return 'owned';
    if (answer === 'starting') strongest = 'starting';
    else await rm(join(place, name), { force: true });
  }
  return strongest;
}

/** What the process behind the socket says. One that accepts and says nothing is busy, not gone. */
async function ask(path: string): Promise<'gone' | 'starting' | 'owned'> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let answer = '';
    socket.setTimeout(ANSWER_MS, () => done('owned'));
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('end', () => done(answer === 'starting' ? 'starting' : 'owned'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      done(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'gone' : 'owned'),
    );
    function done(result: 'gone' | 'starting' | 'owned'): void {
      socket.destroy();
      resolve(result);
    }
  });
}
