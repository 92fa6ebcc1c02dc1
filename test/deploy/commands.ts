import { spawnSync } from 'node:child_process';

/** Whether to skip what needs a command: it is missing, and this is no CI. There it must be: the tests then fail. */
export function commandOrSkip(command: string, args: readonly string[]): boolean {
  if (spawnSync(command, args, { stdio: 'ignore' }).status === 0) return false;
  if (process.env['CI'] !== undefined) throw new Error(`${command} is missing: .ci/run installs it`);
  console.warn(`${command} is missing: what needs it is skipped`);
  return true;
}
