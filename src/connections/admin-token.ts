import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newToken } from './tokens/secret.js';

/** Name of the file in DATA_DIR; the command line on the same machine reads it. */
export const ADMIN_TOKEN_FILE = 'admin-token';

/**
 * The admin token of the embedded mode: read from its file in DATA_DIR, or made at the first start and left there
 * for its owner only (0600).
 *
 * @throws the file system's error
 */
export async function ensureAdminToken(dataDir: string): Promise<string> {
  const path = join(dataDir, ADMIN_TOKEN_FILE);
  const found = await readAdminToken(dataDir);
  if (found) return found;
  const token = newToken();
  // Written under another name first: a process that dies half-way must not leave half a token.
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${token}\n`);
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
    return token;
  } catch (error) {
    const other = await readAdminToken(dataDir);
    if (other) return other;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The admin token that lies in DATA_DIR, if one does. */
export async function readAdminToken(dataDir: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(dataDir, ADMIN_TOKEN_FILE), 'utf8');
    return text.trim() || undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
