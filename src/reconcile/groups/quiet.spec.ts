import { describe, expect, it } from 'vitest';

import type { GroupTarget } from '../../directory/index.js';
import { patience, QUIET_MS } from './quiet.js';

const NOW = 1_000_000;

/** A group that was pushed `pushed` ms ago, and is dirty for `dirty` ms. */
function group(pushed: number, dirty: number, more: Partial<GroupTarget> = {}): GroupTarget {
  const target = {
    now: NOW,
    pushedAt: NOW - pushed,
    dirtySince: NOW - dirty,
    waitMs: 1_000,
    urgent: false,
    deleted: false,
    pendingMembers: { total: 0, coming: 0 },
    ...more,
  };
  return target as GroupTarget;
}

describe('gains on a group', () => {
  it('wait for the rest of the quiet', () => {
    expect(patience(group(100, 100), false)).toEqual({ waitMs: QUIET_MS - 100, busy: true });
  });

  it('go at once after the quiet, and the group is not busy', () => {
    expect(patience(group(QUIET_MS, 900), false)).toEqual({ waitMs: 0, busy: false });
  });

  it('wait no longer than the longest wait, and then the group is busy', () => {
    expect(patience(group(10, 950), false)).toEqual({ waitMs: 50, busy: true });
    expect(patience(group(10, 1_000), false)).toEqual({ waitMs: 0, busy: true });
    expect(patience(group(10, 5_000), false)).toEqual({ waitMs: 0, busy: true });
  });

  it('wait for longer quiet where the group has been busy, up to a second', () => {
    expect(patience(group(300, 300, { waitMs: 2_000 }), false).waitMs).toBe(200);
    expect(patience(group(300, 300, { waitMs: 60_000 }), false).waitMs).toBe(700);
    expect(patience(group(1_000, 1_000, { waitMs: 60_000 }), false).waitMs).toBe(0);
  });

  it('wait for members that are being created, looking again each second', () => {
    const pendingMembers = { total: 3, coming: 2 };
    expect(patience(group(500, 500, { pendingMembers }), false)).toEqual({ waitMs: 1_000, busy: true });
    expect(patience(group(8_000, 8_000, { pendingMembers }), false)).toEqual({ waitMs: 2_000, busy: true });
    expect(patience(group(119_900, 119_900, { pendingMembers }), false).waitMs).toBe(100);
    expect(patience(group(120_000, 120_000, { pendingMembers }), false).waitMs).toBe(0);
  });

  it('do not wait for members who are pending for good', () => {
    expect(patience(group(500, 500, { pendingMembers: { total: 3, coming: 0 } }), false).waitMs).toBe(0);
  });

  it('never wait for less than a millisecond', () => {
    expect(patience(group(QUIET_MS - 0.5, 300), false).waitMs).toBe(1);
  });
});

describe('losses never wait', () => {
  it.each([
    ['in the urgent lane', group(0, 0), true],
    ['of an urgent target', group(0, 0, { urgent: true }), false],
    ['by the deletion of the group', group(0, 0, { deleted: true }), false],
    [
      'however many members are coming',
      group(0, 0, { urgent: true, pendingMembers: { total: 9, coming: 9 } }),
      false,
    ],
  ] as const)('%s', (_which, target, urgentLane) => {
    expect(patience(target, urgentLane)).toEqual({ waitMs: 0, busy: false });
  });
});

describe('gains during an import', () => {
  const importing = (pushed: number, dirty: number, more: object = {}) =>
    ({ ...group(pushed, dirty), arriving: 21, ...more }) as const;

  it('wait though their group is quiet: its next members are still to come', () => {
    expect(patience(importing(10_000, 10_000), false)).toEqual({ waitMs: 2_500, busy: true });
    expect(patience(importing(500, 500), false)).toEqual({ waitMs: 1_000, busy: true });
  });

  it('wait for two minutes at most', () => {
    expect(patience(importing(100, 119_000), false)).toEqual({ waitMs: 1_000, busy: true });
    expect(patience(importing(100, 120_000), false)).toEqual({ waitMs: 0, busy: true });
  });

  it('do not wait where only a few newcomers are about', () => {
    expect(patience(importing(10_000, 10_000, { arriving: 20 }), false).waitMs).toBe(0);
  });

  it('never hold up a loss', () => {
    expect(patience(importing(0, 0), true).waitMs).toBe(0);
    expect(patience(importing(0, 0, { urgent: true }), false).waitMs).toBe(0);
  });
});
