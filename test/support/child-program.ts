import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import ts from 'typescript';
import { vi } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** A program of the tests in a process of its own, which may be killed. */
export interface ChildProgram {
  /** Lines that it printed so far, to either stream. */
  readonly lines: readonly string[];
  /** Waits for a line that begins so, and answers it. */
  line(beginning: string): Promise<string>;
  send(line: string): void;
  kill9(): Promise<void>;
  /** Sends a signal and does not wait. */
  signal(name: NodeJS.Signals): void;
  /** Waits for the end and answers the exit code; null after a signal. */
  exit(): Promise<number | null>;
}

/**
 * Compiles parts of the source tree to where Node runs them with the project's libraries: the tests' own runner lives
 * in their process only.
 *
 * @param parts files and folders relative to the project
 */
export async function compile(
  parts: readonly string[],
): Promise<{ run: typeof runChild; remove(): Promise<void> }> {
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const out = await mkdtemp(join(cache, 'idp-bridge-child-'));
  await writeFile(join(out, 'package.json'), '{"type":"module"}');
  for (const part of parts) await compilePart(join(ROOT, part), out);
  return {
    run: (program, args) => runChild(join(out, program.replace(/\.ts$/, '.js')), args),
    remove: () => rm(out, { recursive: true, force: true }),
  };
}

async function compilePart(path: string, out: string): Promise<void> {
  if (!path.endsWith('.ts')) {
    for (const name of await readdir(path)) await compilePart(join(path, name), out);
    return;
  }
  if (path.endsWith('.spec.ts')) return;
  const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      experimentalDecorators: true,
      useDefineForClassFields: false,
    },
  });
  const target = join(out, relative(ROOT, path).replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, outputText);
}

function runChild(program: string, args: readonly string[]): ChildProgram {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const exited = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return {
    lines,
    line: (beginning) =>
      vi.waitFor(
        () => {
          const found = lines.find((line) => line.startsWith(beginning));
          if (found === undefined) throw new Error(`no line "${beginning}" in:\n${lines.join('\n')}`);
          return found;
        },
        { timeout: 120_000, interval: 10 },
      ),
    send: (line) => {
      child.stdin.write(`${line}\n`);
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    signal: (name) => {
      child.kill(name);
    },
    exit: () => exited,
  };
}
