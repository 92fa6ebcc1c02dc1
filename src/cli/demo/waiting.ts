import type { Backlog, BridgeAdmin } from './bridge-admin.js';

/** How often the bridge is asked what waits. */
const SHORT_MS = 40;
const LONG_MS = 250;
/** After so long it is asked less often. */
const SOON_MS = 2_000;

/** Waiting ended without the bridge coming to rest. */
export class Stuck extends Error {
  constructor(readonly backlog: Backlog) {
    super(`${backlog.dirty} changes did not reach Coder: nothing moved for as long as the demo waits`);
    this.name = 'Stuck';
  }
}

/**
 * Waits until nothing waits in the bridge any more.
 *
 * @param patienceMs how long the number may stay the same
 * @param show is told how many wait, and how many waited at most
 * @throws Stuck
 */
export async function untilQuiet(
  admin: Pick<BridgeAdmin, 'backlog'>,
  patienceMs: number,
  show: (left: number, most: number) => void,
): Promise<Backlog> {
  const begun = performance.now();
  let most = 0;
  let last = -1;
  let moved = begun;
  for (;;) {
    const backlog = await admin.backlog();
    const now = performance.now();
    const { dirty } = backlog;
    most = Math.max(most, dirty);
    show(dirty, most);
    if (dirty === 0) return backlog;
    if (dirty !== last) [last, moved] = [dirty, now];
    if (now - moved > patienceMs) throw new Stuck(backlog);
    await new Promise((resolve) => setTimeout(resolve, now - begun < SOON_MS ? SHORT_MS : LONG_MS));
  }
}
