import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Builds dist/ where it is older than the sources: tests that start the program as a process run what was built. */
export function setup(): void {
  const root = resolve(import.meta.dirname, '../..');
  execFileSync(process.execPath, [resolve(root, 'tools/build-if-needed.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
}
