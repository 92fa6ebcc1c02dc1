import type { Diagnosis, Finding, Result } from './probes.js';

/** What the table is about. */
export interface Subject {
  readonly url: string;
  /** A simulator that was started to be looked at. */
  readonly simulator: boolean;
}

const LABEL: Readonly<Record<Result, string>> = { ok: 'ok', warn: 'warn', fail: 'FAIL' };
const HEADS = ['CHECK', 'RESULT'] as const;
const NARROWEST = 40;

/** The readiness table for people. @param columns of the terminal */
export function readinessTable(diagnosis: Diagnosis, subject: Subject, columns: number): string {
  const { findings, version } = diagnosis;
  const wide = Math.max(HEADS[0].length, ...findings.map(({ check }) => check.length));
  const left = 2 + wide + 2 + HEADS[1].length + 2;
  const room = Math.max(NARROWEST, columns - left - 1);
  const lines = findings.flatMap((finding) => rowOf(finding, wide, left, room));
  return [
    `Coder at ${subject.url}${version === undefined ? '' : `, ${version}`}`,
    ...(subject.simulator
      ? ['This is a simulator that was started to be looked at: CODER_URL names no Coder.']
      : []),
    '',
    `  ${HEADS[0].padEnd(wide)}  ${HEADS[1]}  FINDING`,
    ...lines,
    '',
    `${count(findings, 'fail')} to mend, ${count(findings, 'warn')} to look at, ${count(findings, 'ok')} well.`,
    '',
  ].join('\n');
}

/** The same for programs. */
export function readinessJson(
  { result, findings, at, version, groups, seats }: Diagnosis,
  subject: Subject,
): object {
  return {
    coder: { ...subject, ...(version !== undefined && { version }) },
    at,
    result,
    groups,
    seats,
    findings,
  };
}

function rowOf(
  { check, result, finding, advice }: Finding,
  wide: number,
  left: number,
  room: number,
): string[] {
  const said = wrap(finding, room);
  const told =
    advice === undefined
      ? []
      : wrap(advice, room - 3).map((line, index) => `${index === 0 ? '-> ' : '   '}${line}`);
  return [...said, ...told].map((line, index) =>
    index === 0
      ? `  ${check.padEnd(wide)}  ${LABEL[result].padEnd(HEADS[1].length)}  ${line}`
      : `${' '.repeat(left)}${line}`,
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function count(findings: readonly Finding[], result: Result): number {
  return findings.filter((finding) => finding.result === result).length;
}
