import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DataDirOwned, DataDirUnusable } from '../../src/database/index.js';
import { prepareDataDir } from '../../src/database/embedded/data-dir.js';
import { ownDataDir } from '../../src/database/embedded/ownership.js';
import { compile } from '../support/child-program.js';
import type { ChildProgram } from '../support/child-program.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idp-bridge-data-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('DATA_DIR', { timeout: 180_000 }, () => {
  let program: Awaited<ReturnType<typeof compile>>;
  let running: ChildProgram[] = [];
  let template: string;
  beforeAll(async () => {
    template = await mkdtemp(join(tmpdir(), 'idp-bridge-template-'));
    program = await compile(['src/common', 'src/config', 'src/database', 'test/support/data-dir-program.ts']);
    const first = program.run('test/support/data-dir-program.ts', [template]);
    await first.line('open');
    first.send('close');
    expect(await first.exit()).toBe(0);
  });
  afterAll(async () => {
    await program.remove();
    await rm(template, { recursive: true });
  });
  // A new database takes seconds to make; a copy of one does not.
  beforeEach(() => cp(template, folder, { recursive: true }));
  afterEach(async () => {
    await Promise.all(running.map((child) => child.kill9()));
    running = [];
  });

  function start(dataDir = folder): ChildProgram {
    const child = program.run('test/support/data-dir-program.ts', [dataDir]);
    running.push(child);
    return child;
  }

  it('makes a database anew whose making was cut short, and no other one', async () => {
    const [leftOver, unfinished] = [
      join(folder, 'database', 'left-over'),
      join(folder, 'database.unfinished'),
    ];
    await writeFile(leftOver, '');
    const whole = start();
    await whole.line('open');
    whole.send('close');
    expect(await whole.exit()).toBe(0);
    expect(await readdir(join(folder, 'database'))).toContain('left-over');

    await writeFile(unfinished, '');
    await rm(join(folder, 'database', 'global'), { recursive: true });
    const anew = start();
    await anew.line('open');
    anew.send('close');
    expect(await anew.exit()).toBe(0);
    expect(await readdir(join(folder, 'database'))).not.toContain('left-over');
    expect(await readdir(folder)).not.toContain('database.unfinished');
  });

  it('refuses a second process while the first one lives, by whatever name it comes, and admits it afterwards', async () => {
    const first = start();
    await first.line('open');
    const other = join(folder, '..', `${folder.split('/').at(-1)}-link`);
    await symlink(folder, other);
    try {
      const second = start(other);
      expect(await second.exit()).toBe(1);
      expect(second.lines).toEqual([
        `refused: DATA_DIR ${folder} is in use by another running idp-bridge; stop it, or choose another folder`,
      ]);
    } finally {
      await rm(other);
    }
    first.send('close');
    expect(await first.exit()).toBe(0);
    const third = start();
    await third.line('open');
  });

  it('is taken over from a process that was killed, with all that it had acknowledged', async () => {
    const first = start();
    await first.line('open');
    for (const key of ['a', 'b', 'c']) {
      first.send(`write ${key}`);
      await first.line(`written ${key}`);
    }
    first.send('write d');
    await first.kill9();
    expect((await readdir(folder)).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
    const second = start();
    await second.line('open');
    second.send('read');
    expect(await second.line('holds')).toMatch(/^holds a,b,c(,d)?$/);
    expect((await readdir(folder)).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
  });

  it('lets one of several win that start at the same moment', async () => {
    const children = [start(), start(), start()];
    await Promise.all(children.map((child) => Promise.race([child.line('open'), child.exit()])));
    const refused = children.filter((child) => child.lines.some((line) => line.startsWith('refused')));
    expect(refused).toHaveLength(2);
    for (const child of refused) expect(child.lines[0]).toContain(`DATA_DIR ${folder} is in use`);
  });

  it('is made where it is missing, for its owner only', async () => {
    const dataDir = join(folder, 'deep', 'er');
    await prepareDataDir(dataDir);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    await chmod(dataDir, 0o755);
    await prepareDataDir(dataDir);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  it('is refused in one line when it is a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(prepareDataDir(file)).rejects.toThrow(new DataDirUnusable(file, 'it is not a folder'));
    await expect(prepareDataDir(join(file, 'below'))).rejects.toThrow(DataDirUnusable);
  });

  it('is refused in one line when this user may not write there', async () => {
    const dataDir = join(folder, 'locked');
    await mkdir(dataDir, { mode: 0o500 });
    if (process.getuid?.() !== 0) {
      await expect(prepareDataDir(dataDir)).rejects.toThrow(/this user may not write there/);
      return;
    }
    // Root may write everywhere, so the program is tried as nobody. The folders above must be open to it.
    await chmod(folder, 0o755);
    await expect(asNobody(dataDir)).resolves.toContain(
      `DATA_DIR ${dataDir} cannot be used: this user may not write there`,
    );
  });
});

/** What {@link prepareDataDir} says to the user nobody. */
async function asNobody(dataDir: string): Promise<string> {
  const own = process.geteuid?.() ?? 0;
  const nobody = Number(spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout);
  process.seteuid?.(nobody);
  try {
    await prepareDataDir(dataDir);
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    process.seteuid?.(own);
  }
}

describe('the ownership of a folder', () => {
  it('goes to at most one of many that ask at the same moment, again and again', async () => {
    for (let round = 0; round < 10; round++) {
      const asked = await Promise.allSettled(Array.from({ length: 5 }, () => ownDataDir(folder)));
      const won = asked.filter((result) => result.status === 'fulfilled');
      expect(won).toHaveLength(1);
      for (const result of asked) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DataDirOwned);
      }
      await won[0]?.value();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('works for a folder whose path is too long for a socket', async () => {
    const long = join(folder, 'x'.repeat(120));
    await mkdir(long);
    const giveUp = await ownDataDir(long);
    await expect(ownDataDir(long)).rejects.toBeInstanceOf(DataDirOwned);
    await giveUp();
    await (
      await ownDataDir(long)
    )();
  });
});
