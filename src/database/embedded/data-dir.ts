import { randomBytes } from 'node:crypto';
import { chmod, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** DATA_DIR cannot be used: not a folder, not writable, ... One line for the person who starts the program. */
export class DataDirUnusable extends Error {
  constructor(dataDir: string, reason: string, cause?: unknown) {
    super(`DATA_DIR ${dataDir} cannot be used: ${reason}`, { cause });
    this.name = 'DataDirUnusable';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it lies on a read-only file system',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
  ENOSPC: 'the disk is full',
};

/**
 * Makes the folder where it is missing, for its owner only (0700: it holds personal data and the admin token), and
 * answers its real path, which is the same for everybody who reaches it by another name.
 *
 * @throws DataDirUnusable
 */
export async function prepareDataDir(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const folder = await realpath(dataDir);
    // Tried, not asked for: permissions say nothing of quotas, and little on network file systems.
    const probe = join(folder, `.probe-${randomBytes(6).toString('hex')}`);
    await writeFile(probe, '', { flag: 'wx', mode: 0o600 });
    await rm(probe);
    // A mounted volume may belong to somebody else and be writable through its group (Kubernetes' fsGroup).
    await chmod(folder, 0o700).catch((error: unknown) => {
      if (codeOf(error) !== 'EPERM') throw error;
    });
    return folder;
  } catch (error) {
    const code = codeOf(error);
    throw new DataDirUnusable(dataDir, REASONS[code] ?? code, error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : String(error);
}
