import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { migrations } from '../../src/database/migrations/index.js';
import { openEngine, openInMemory, runMigrations } from '../../src/database/index.js';
import type { DatabaseLog, Engine } from '../../src/database/index.js';

/** A log that says nothing. */
export const quiet: DatabaseLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * PGlite in memory with the whole schema; to be closed. Making a database takes seconds of computing, so the first
 * one is kept in node_modules/.cache, and all others begin as a copy of it.
 */
export async function memoryEngine(): Promise<Engine> {
  const path = join(CACHE, `pglite-${fingerprint()}.tar`);
  if (existsSync(path)) return openInMemory(new Blob([await readFile(path)]));
  const engine = await openInMemory();
  await runMigrations(engine);
  await keep(path, await engine.dump());
  return engine;
}

const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/idp-bridge-tests');

/** Changes with whatever the database is made of. */
function fingerprint(): string {
  const hash = createHash('sha256').update(JSON.stringify(migrations));
  for (const name of ['@electric-sql/pglite', 'bullmq']) {
    hash.update(readFileSync(resolve(import.meta.dirname, '../../node_modules', name, 'package.json')));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Several test files may do so at once: each writes a file of its own and gives it the name in the end. */
async function keep(path: string, files: Blob): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  for (const old of await readdir(CACHE))
    if (old.endsWith('.tar') && join(CACHE, old) !== path) await rm(join(CACHE, old), { force: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, Buffer.from(await files.arrayBuffer()));
  await rename(draft, path);
}

/** PostgreSQL at `url` with the whole schema; to be closed. */
export async function postgresEngine(url: string): Promise<Engine> {
  const engine = await openEngine({ engine: 'postgres', url }, { log: quiet });
  await runMigrations(engine);
  return engine;
}
