import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN_FILE, ensureAdminToken, readAdminToken } from './admin-token.js';
import { sameSecret } from './tokens/secret.js';

describe('the admin token of the embedded mode', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'idp-bridge-admin-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is made once, readable by its owner only', async () => {
    const token = await ensureAdminToken(folder);
    expect(token).toMatch(/^idpb_[\w-]{43}$/);
    expect((await stat(join(folder, ADMIN_TOKEN_FILE))).mode & 0o777).toBe(0o600);
    expect(await ensureAdminToken(folder)).toBe(token);
    expect(await readAdminToken(folder)).toBe(token);
  });

  it('is the same for all that start at once, and leaves no draft behind', async () => {
    const tokens = await Promise.all([1, 2, 3, 4].map(() => ensureAdminToken(folder)));
    expect(new Set(tokens).size).toBe(1);
    expect(await readdir(folder)).toEqual([ADMIN_TOKEN_FILE]);
  });

  it('is what a person wrote into the file', async () => {
    await writeFile(join(folder, ADMIN_TOKEN_FILE), 'chosen-by-hand\n');
    expect(await ensureAdminToken(folder)).toBe('chosen-by-hand');
  });

  it('is nothing where there is no file', async () => {
    expect(await readAdminToken(folder)).toBeUndefined();
  });

  it('compares secrets of any length', () => {
    expect(sameSecret('a', 'a')).toBe(true);
    expect(sameSecret('a', 'ab')).toBe(false);
    expect(sameSecret('', 'a')).toBe(false);
  });
});
