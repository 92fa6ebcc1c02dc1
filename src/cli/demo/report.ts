import type { Histograms } from './bridge-admin.js';
import type { Calls } from './coder.js';
import type { Comparison } from './compare.js';
import { counted, duration } from './paint.js';
import type { Paint } from './paint.js';
import type { Latency, PhaseResult } from './run.js';
import { table } from './table.js';
import type { Cell } from './table.js';

/** What a run came to. */
export interface Outcome {
  readonly providerName: string;
  readonly comparison: Comparison;
  /** Refused pushes, changes that did not arrive, failed and held targets; in words. */
  readonly faults: readonly string[];
  readonly phases: readonly PhaseResult[];
  readonly latencies: readonly Latency[];
  /** The bridge's own measure, of this run. */
  readonly histograms: Histograms;
}

/** Differences that are shown by name; the rest are counted. */
const SHOWN = 20;
/** Of a line of the report. */
const WIDTH = 100;

/** Whether Coder holds what was stated, and nothing went wrong on the way. */
export function isGood({ comparison, faults }: Outcome): boolean {
  return comparison.differences.length === 0 && faults.length === 0;
}

/** The report, as lines. */
export function reportLines(outcome: Outcome, paint: Paint): string[] {
  const { providerName, comparison } = outcome;
  return [
    '',
    paint.bold(`What ${providerName} stated, and what Coder holds`),
    '',
    ...comparisonTable(comparison, paint),
    '',
    ...trouble('differ', comparison.differences, paint),
    ...trouble('went wrong on the way', outcome.faults, paint),
    paint.bold('Calls of Coder, made and necessary'),
    '',
    ...phaseTable(outcome.phases, paint),
    '',
    ...latencySection(outcome, paint),
    verdict(outcome, paint),
  ];
}

function comparisonTable({ rows }: Comparison, paint: Paint): string[] {
  return table(
    ['', 'stated', 'in Coder', ''],
    rows.map(({ what, stated, held }) => [
      what.padEnd(20),
      String(stated),
      String(held),
      stated === held ? { text: '✔', colour: paint.good } : { text: '✘', colour: paint.bad },
    ]),
    paint,
  );
}

function trouble(what: string, lines: readonly string[], paint: Paint): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, SHOWN).flatMap(wrapped);
  const more = lines.length > SHOWN ? [`  … and ${lines.length - SHOWN} more`] : [];
  return [paint.bad(`${counted(lines.length, 'thing', 'things')} ${what}`), ...shown, ...more, ''];
}

/** A text in lines of the report's width, the later ones indented; a word that is too long is cut. */
function wrapped(text: string): string[] {
  const lines = ['  '];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? '';
    const room = WIDTH - line.length - 1;
    if (word.length <= room || line.trim() === '') {
      lines[lines.length - 1] = `${line}${line.trim() === '' ? '' : ' '}${word.slice(0, WIDTH - 4)}`;
    } else lines.push(`    ${word.slice(0, WIDTH - 4)}`);
  }
  return lines;
}

function phaseTable(phases: readonly PhaseResult[], paint: Paint): string[] {
  const refused = phases.some(({ calls }) => (calls?.refused ?? 0) > 0);
  const heads = ['phase', 'pushes', 'look-ups', 'pushing', 'whole', 'mutations', 'necessary', 'reads'];
  const line = (phase: PhaseResult): (string | Cell)[] => [
    phase.title,
    String(phase.sent.pushes),
    String(phase.sent.lookups),
    duration(phase.pushingMs),
    duration(phase.wholeMs),
    mutations(phase, paint),
    String(phase.necessary),
    phase.calls ? String(phase.calls.reads) : '?',
    ...(refused ? [String(phase.calls?.refused ?? 0)] : []),
  ];
  const rows = [...phases.map(line), line(total(phases))];
  const explanation =
    '  refused: calls that Coder answered with an error, such as 409 for a name that was taken.';
  return [
    ...table(refused ? [...heads, 'refused'] : heads, rows, paint),
    ...(refused ? ['', paint.dim(explanation)] : []),
  ];
}

/** More than necessary is no error, but worth a look; a mutation where none was necessary is. */
function mutations({ calls, necessary }: PhaseResult, paint: Paint): string | Cell {
  if (!calls) return '?';
  const text = String(calls.mutations);
  return calls.mutations > necessary ? { text, colour: paint.bold } : { text, colour: paint.good };
}

function total(phases: readonly PhaseResult[]): PhaseResult {
  const sum = (of: (phase: PhaseResult) => number): number =>
    phases.reduce((all, phase) => all + of(phase), 0);
  const known = phases.every(({ calls }) => calls !== null);
  const calls = (of: keyof Calls): number => sum((phase) => phase.calls?.[of] ?? 0);
  return {
    title: 'all',
    sent: { pushes: sum(({ sent }) => sent.pushes), lookups: sum(({ sent }) => sent.lookups) },
    pushingMs: sum(({ pushingMs }) => pushingMs),
    wholeMs: sum(({ wholeMs }) => wholeMs),
    calls: known ? { mutations: calls('mutations'), reads: calls('reads'), refused: calls('refused') } : null,
    necessary: sum(({ necessary }) => necessary),
  };
}

function latencySection({ latencies, histograms }: Outcome, paint: Paint): string[] {
  const kinds = [...new Set(latencies.map(({ kind }) => kind))];
  const of = (kind?: string): number[] =>
    latencies.filter((latency) => kind === undefined || latency.kind === kind).map(({ ms }) => ms);
  const line = (what: string, times: readonly number[]): string[] => [
    what,
    String(times.length),
    duration(Math.min(...times)),
    duration(median(times)),
    duration(Math.max(...times)),
  ];
  const rows = kinds.map((kind) => line(kind, of(kind)));
  const { user, group } = histograms;
  const mean = ({ count, sum }: typeof user): string =>
    count === 0 ? '' : `, ${duration((sum / count) * 1_000)} on average`;
  return [
    paint.bold('From push to Coder'),
    '',
    ...(rows.length === 0
      ? []
      : table(
          ['single changes', 'count', 'shortest', 'median', 'longest'],
          [...rows, line('all', of())],
          paint,
        )),
    '',
    paint.dim(
      `  By the bridge's own measure, with all changes at once: ${user.count} of people${mean(user)};`,
    ),
    paint.dim(`  ${group.count} of groups${mean(group)}.`),
    '',
  ];
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const [left, right] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return left === undefined || right === undefined ? Number.NaN : (left + right) / 2;
}

function verdict(outcome: Outcome, paint: Paint): string {
  if (isGood(outcome)) return paint.good(`✔ Coder holds what ${outcome.providerName} stated.`);
  const { comparison, faults } = outcome;
  const parts = [
    ...(comparison.differences.length > 0
      ? [counted(comparison.differences.length, 'difference', 'differences')]
      : []),
    ...(faults.length > 0 ? [counted(faults.length, 'fault on the way', 'faults on the way')] : []),
  ];
  return paint.bad(`✘ ${parts.join(' and ')} between ${outcome.providerName} and Coder.`);
}
