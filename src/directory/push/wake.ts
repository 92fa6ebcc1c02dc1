import { targetKey } from '../../common/index.js';
import type { TargetKind } from '../../common/index.js';
import type { WakeUp, WakeUps } from '../../queue/index.js';
import type { Pushed } from '../model.js';
import { refusing } from './refusals.js';

/** How long gains on a group wait for more of them, milliseconds. */
export const QUIET_MS = 250;

/** The wake-up for a target that was marked: losses go to the urgent lane and never wait. */
export function wakeUp(
  kind: TargetKind,
  id: string,
  of: { readonly loss: boolean; readonly putOff: boolean; readonly delayMs?: number },
): WakeUp {
  return {
    target: targetKey(kind, id),
    lane: of.loss ? 'urgent' : 'normal',
    ...(of.delayMs !== undefined && !of.loss && { delayMs: of.delayMs }),
    ...(of.putOff && { bringForward: true }),
  };
}

/** A push's result, and whom to wake when it is committed. */
export interface Outcome<T> {
  readonly pushed: Pushed<T>;
  readonly wakeUps: readonly WakeUp[];
}

/** Runs a command in the directory's own words, and wakes whom it marked once it is committed. */
export async function push<T>(wakeUps: WakeUps, command: () => Promise<Outcome<T>>): Promise<Pushed<T>> {
  const { pushed, wakeUps: marked } = await refusing(command);
  if (marked.length > 0) wakeUps.wake(marked);
  return pushed;
}
