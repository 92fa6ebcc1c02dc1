import { describe, expect, it } from 'vitest';
import { readHistograms } from './bridge-admin.js';
import { duration, paint } from './paint.js';
import { progressOn } from './progress.js';
import { isGood, median, reportLines } from './report.js';
import type { Outcome } from './report.js';

const phase = (
  title: string,
  mutations: number,
  necessary: number,
  refused = 0,
): Outcome['phases'][number] => ({
  title,
  sent: { pushes: 12_345, lookups: 20_000 },
  pushingMs: 83_000,
  wholeMs: 187_000,
  calls: { mutations, reads: 4_321, refused },
  necessary,
});

const outcome = (change: Partial<Outcome> = {}): Outcome => ({
  providerName: 'Okta',
  comparison: { rows: [{ what: 'groups', stated: 4, held: 4 }], differences: [] },
  faults: [],
  phases: [phase('1 Connect', 0, 0), phase('7 All of it again', 10_100, 10_000)],
  latencies: [20, 40, 1_040].map((ms) => ({ kind: 'name changed', ms })),
  histograms: { user: { count: 2, sum: 3 }, group: { count: 0, sum: 0 } },
  ...change,
});

const plain = paint(false);

describe('the report', () => {
  it('shows the comparison, calls made and necessary, and the time from push to Coder', () => {
    const text = reportLines(outcome(), plain).join('\n');
    expect(text).toMatch(/groups +4 +4 +✔/);
    expect(text).toMatch(/7 All of it again +12345 +20000 +1 min 23 s +3 min 07 s +10100 +10000 +4321/);
    expect(text).toMatch(/all +24690 +40000 .* 10100 +10000 +8642/);
    expect(text).toMatch(/name changed +3 +20 ms +40 ms +1\.04 s/);
    expect(text).toMatch(/2 of people, 1\.50 s on average;\s+0 of groups\./);
    expect(text).toContain('✔ Coder holds what Okta stated.');
  });

  it('fits into 100 columns, and has colours only when asked', () => {
    const differences = ['x'.repeat(300), 'word '.repeat(60)];
    const lines = reportLines(
      outcome({
        comparison: { rows: [], differences },
        faults: differences,
        phases: [phase('2 Assign people', 1, 1, 9)],
      }),
      plain,
    );
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(lines.join('').match(/word/g)).toHaveLength(120);
    expect(lines.join('')).not.toContain('\u001b');
    expect(reportLines(outcome(), paint(true)).join('')).toContain('\u001b[');
  });

  it('shows the first twenty differences and counts the rest', () => {
    const differences = Array.from({ length: 25 }, (_, index) => `person ${index}: missing`);
    const lines = reportLines(outcome({ comparison: { rows: [], differences } }), plain);
    expect(lines.filter((line) => line.includes(': missing'))).toHaveLength(20);
    expect(lines).toContain('  … and 5 more');
    expect(lines.at(-1)).toBe('✘ 25 differences between Okta and Coder.');
  });

  it('shows what Coder refused only where it refused something, and no figures where Coder does not count', () => {
    const text = (phases: Outcome['phases']): string => reportLines(outcome({ phases }), plain).join('\n');
    expect(text([phase('a', 1, 1)])).not.toContain('refused');
    expect(text([phase('a', 1, 1, 2)])).toContain('refused');
    expect(text([{ ...phase('a', 1, 1), calls: null }])).toMatch(/a +12345 .* \? +1 +\?/);
  });

  it('is good only without differences and without faults on the way', () => {
    expect(isGood(outcome())).toBe(true);
    expect(isGood(outcome({ faults: ['refused'] }))).toBe(false);
    expect(isGood(outcome({ comparison: { rows: [], differences: ['x'] } }))).toBe(false);
  });

  it.each([
    [[3], 3],
    [[1, 9], 5],
    [[9, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])('takes of %j the median %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it.each([
    [12.4, '12 ms'],
    [1_240, '1.24 s'],
    [59_900, '59.9 s'],
    [187_000, '3 min 07 s'],
  ])('writes %d ms as %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });

  it('reads counts and sums of the way to Coder from the metrics', () => {
    const text =
      '# TYPE idp_bridge_push_to_coder_seconds histogram\n' +
      'idp_bridge_push_to_coder_seconds_bucket{le="0.05",kind="user"} 1\n' +
      'idp_bridge_push_to_coder_seconds_sum{kind="user"} 1.5\n' +
      'idp_bridge_push_to_coder_seconds_count{kind="user"} 3\n';
    expect(readHistograms(text)).toEqual({ user: { count: 3, sum: 1.5 }, group: { count: 0, sum: 0 } });
  });
});

describe('the progress', () => {
  function shown(isTerminal: boolean, play: (at: (share: number, ms: number) => void) => void): string {
    let [text, now] = ['', 1];
    const screen = { write: (part: string) => void (text += part), isTerminal, columns: 80 };
    const progress = progressOn(screen, paint(isTerminal), () => now);
    progress.begin('2 Assign people');
    play((share, ms) => {
      now += ms;
      progress.at(share, 'pushing');
    });
    progress.end('20 people in 1.2 s');
    return text;
  }

  it('is one line a phase and at most one every ten percent where there is no terminal', () => {
    const lines = shown(false, (at) => {
      for (let percent = 0; percent <= 100; percent += 1) at(percent / 100, 500);
    }).split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatch(/2 Assign people +10 % +pushing/);
    expect(lines[9]).toMatch(/2 Assign people +20 people in 1.2 s/);
    expect(lines.join('')).not.toContain('\u001b');
  });

  it('says nothing between where a phase is quick', () => {
    expect(shown(false, (at) => at(0.5, 20)).split('\n')).toHaveLength(2);
  });

  it('is a bar in a terminal, which grows and never shrinks', () => {
    const bars = shown(true, (at) => [0.5, 0.25, 1].forEach((share) => at(share, 1_000))).split('\r');
    const lengths = bars.map((bar) => /32m(━+)/.exec(bar)?.[1]?.length ?? 0);
    expect(lengths).toEqual([0, 0, 12, 12, 24, 0]);
    expect(bars.at(-1)).toContain('20 people in 1.2 s\n');
  });
});
