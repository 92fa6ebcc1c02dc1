import { SchedulerRegistry } from '@nestjs/schedule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createLog } from '../telemetry/index.js';
import { Schedules } from './schedules.js';
import type { Scheduled } from './schedules.js';

/** The eighth of November 2026, ten to noon. */
const NOW = new Date('2026-11-08T11:50:00');

let turns: string[];
let taken: number;
let lines: string[];
let sweep: (atStart?: boolean) => Promise<number>;
let schedules: Schedules;
let registry: SchedulerRegistry;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  turns = [];
  taken = 0;
  lines = [];
  sweep = async (atStart) => turns.push(atStart ? 'sweep at start' : 'sweep');
  registry = new SchedulerRegistry();
  const scheduled: Scheduled = {
    sweeper: { sweep: (atStart) => sweep(atStart) },
    fullSync: {
      run: async () => {
        turns.push('full sync');
        return { outcome: 'busy' };
      },
    },
    fullSyncCron: '0 * * * *',
    idpSync: { take: async () => turns.push('IdP sync') },
    idpSyncCron: '*/5 * * * *',
    settings: { take: async () => (taken += 1) },
    tidy: async () => turns.push('tidy'),
    log: createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
  };
  schedules = new Schedules(registry, scheduled);
});

afterEach(() => {
  schedules.stop();
  vi.useRealTimers();
});

describe('the schedules', () => {
  it.each([
    [true, 'sweep at start'],
    [false, 'sweep'],
  ])('sweep at once (at start: %s), and every two seconds', async (atStart, first) => {
    schedules.start(atStart);
    await vi.advanceTimersByTimeAsync(4_100);
    expect(turns).toEqual([first, 'sweep', 'sweep']);
  });

  it('run the full sync by its cron expression, and log what it found', async () => {
    schedules.start(false);
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    expect(turns).not.toContain('full sync');
    await vi.advanceTimersByTimeAsync(61 * 60_000);
    expect(turns.filter((turn) => turn === 'full sync')).toHaveLength(2);
    expect(lines.filter((line) => line.includes('"outcome":"busy"'))).toHaveLength(2);
  });

  it('tidy the database every two minutes', async () => {
    sweep = () => Promise.resolve(0);
    schedules.start(false);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(turns.filter((turn) => turn === 'tidy')).toHaveLength(30);
  });

  it('take up changed settings at the start, and again until that has worked', async () => {
    sweep = () => Promise.resolve(0);
    schedules.start(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(taken).toBe(1);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(taken).toBe(31);
  });

  it('pass over a turn while the one before it runs', async () => {
    const ends: (() => void)[] = [];
    sweep = () => {
      turns.push('slow sweep');
      return new Promise((resolve) => ends.push(() => resolve(0)));
    };
    schedules.start(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turns).toEqual(['slow sweep']);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(turns).toEqual(['slow sweep', 'slow sweep']);
  });

  it('go on after a turn that failed, and say so', async () => {
    sweep = () => Promise.reject(new Error('the queue is away'));
    schedules.start(false);
    await vi.advanceTimersByTimeAsync(4_100);
    expect(lines.filter((line) => line.includes('a scheduled turn failed'))).toHaveLength(3);
    sweep = async () => turns.push('sweep');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(turns).toEqual(['sweep']);
  });

  it('begin no turn after they were stopped', async () => {
    schedules.start(false);
    await vi.advanceTimersByTimeAsync(100);
    schedules.stop();
    turns = [];
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(turns).toEqual([]);
    expect(registry.getIntervals()).toEqual([]);
    expect(registry.getCronJobs().size).toBe(0);
  });
});
