import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const later = 'const later = async (): Promise<void> => {};';

/** File, its text, and the rules that it breaks. */
const CASES: readonly (readonly [file: string, text: string, broken: readonly string[]])[] = [
  ['src/queue/fine.ts', 'export const x = 1;', []],
  ['src/queue/environment.ts', "export const x = process.env['X'];", ['node(no-process-env)']],
  ['src/config/environment.ts', "export const x = process.env['X'];", []],
  ['src/config/other.ts', "export const x = process.env['X'];", ['node(no-process-env)']],
  ['src/queue/it.spec.ts', "export const x = process.env['CI'];", []],
  [
    'src/queue/any.ts',
    'export const x = (y: any): unknown => y as unknown;',
    ['typescript(no-explicit-any)'],
  ],
  ['src/queue/json.ts', "export const x: number = JSON.parse('1');", ['typescript(no-unsafe-assignment)']],
  ['src/queue/ignored.ts', '// @ts-ignore\nexport const x = 1;', ['typescript(ban-ts-comment)']],
  [
    'src/queue/surely.ts',
    'export const x = (y?: number): number => y!;',
    ['typescript(no-non-null-assertion)'],
  ],
  ['src/queue/default.ts', 'const x = 1;\nexport default x;', ['import(no-default-export)']],
  ['src/queue/console.ts', "console.log('x');\nexport {};", ['eslint(no-console)']],
  ['src/queue/floating.ts', `${later}\nlater();\nexport {};`, ['typescript(no-floating-promises)']],
  ['src/queue/misused.ts', `${later}\n[1].forEach(later);\nexport {};`, ['typescript(no-misused-promises)']],
  [
    'src/queue/awaited.ts',
    'export const x = async (y: number): Promise<void> => {\n  await y;\n};',
    ['typescript(await-thenable)'],
  ],
  [
    'src/queue/thrown.ts',
    "export const x = (): never => {\n  throw 'x';\n};",
    ['typescript(only-throw-error)'],
  ],
  ['src/queue/long.ts', 'export {};\n'.repeat(301), ['eslint(max-lines)']],
  [
    'src/queue/function.ts',
    `export function x(): void {\n${"  Math.max(Number('1'));\n".repeat(61)}}\n`,
    ['eslint(max-lines-per-function)'],
  ],
  [
    'src/queue/switch.ts',
    "export function x(y: 'a' | 'b'): void {\n  switch (y) {\n    case 'a':\n      break;\n  }\n}",
    ['typescript(switch-exhaustiveness-check)'],
  ],
];

interface Report {
  readonly diagnostics: readonly { readonly filename: string; readonly code: string }[];
}

describe('the linter', () => {
  let tree: string;
  let report: Report;

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), 'idp-bridge-style-'));
    for (const [file, text] of CASES) {
      await mkdir(dirname(join(tree, file)), { recursive: true });
      await writeFile(join(tree, file), text);
    }
    for (const name of ['node_modules', 'package.json', 'tsconfig.json', '.oxlintrc.json']) {
      await symlink(join(ROOT, name), join(tree, name));
    }
    const command = join(ROOT, 'node_modules/oxlint/bin/oxlint');
    const args = [command, '--type-aware', '--format', 'json', 'src'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
    if (!stdout.startsWith('{')) throw new Error(stdout + stderr);
    report = JSON.parse(stdout) as Report;
  });

  afterAll(() => rm(tree, { recursive: true, force: true }));

  it.each(CASES)('judges %s', (file, _text, expected) => {
    const found = report.diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code);
    expect([...new Set(found)].filter((code) => !/no-unused|require-module/.test(code))).toEqual(expected);
  });
});
