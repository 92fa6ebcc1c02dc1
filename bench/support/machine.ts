import { spawnSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

/** What the figures were taken on; load averages of the last minute, before and after. */
export function machineLines(loadBefore: number): string[] {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `Node ${process.versions.node}, ${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory} GiB, ${process.platform}`,
    `Load average ${loadBefore.toFixed(1)} before, ${load().toFixed(1)} after; ${new Date().toISOString().slice(0, 16)}Z, commit ${commit()}`,
  ];
}

export function load(): number {
  return loadavg()[0] ?? NaN;
}

function commit(): string {
  return spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim() || 'unknown';
}
