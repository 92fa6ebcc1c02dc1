import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

interface Statement {
  readonly number: number;
  readonly area: string;
  readonly text: string;
  readonly section: string | null;
}

const statements = JSON.parse(await readFile('test/conformance/statements.json', 'utf8')) as Statement[];
const page = await readFile('docs/conformance.md', 'utf8');

/** Statements that nothing shows yet. Each has to go from here when a test comes to show it. */
const NOT_SHOWN: readonly number[] = [];

/** Every tag of every spec file and transcript: its number, and what follows the tags it stands among. */
async function tags(): Promise<{ file: string; number: number; after: string }[]> {
  const files = (
    await Promise.all(
      ['test', 'src'].map(async (folder) =>
        (await readdir(folder, { recursive: true })).map((name) => join(folder, name)),
      ),
    )
  )
    .flat()
    .filter((file) => /\.(?:spec\.ts|http)$/.test(file));
  const found = await Promise.all(
    files.map(async (file) => {
      const matches = (await readFile(file, 'utf8')).matchAll(/((?:\[C\d+\] ?)+)(.?)/g);
      return [...matches].flatMap(([, group = '', after = '']) =>
        [...group.matchAll(/\d+/g)].map(([number]) => ({ file, number: Number(number), after })),
      );
    }),
  );
  return found.flat();
}

describe('docs/conformance.md', () => {
  it('lists every statement once, in its own words and with its section', () => {
    expect(statements.map(({ number }) => number)).toEqual(statements.map((_, i) => i + 1));
    const rows = [...page.matchAll(/^\| *(\d+) \| (.*?) *\| (.*?) *\| *(\d+) \| (\w+) *\|$/gm)];
    expect(rows.map(([, number, text, section]) => [Number(number), text, section])).toEqual(
      statements.map(({ number, text, section }) => [number, text, section ?? '']),
    );
  });

  it('says yes where tests show it, and no where none does', () => {
    for (const [, number, tests, result] of page.matchAll(/^\| *(\d+) \|.*\| *(\d+) \| (\w+) *\|$/gm)) {
      const shown = !NOT_SHOWN.includes(Number(number));
      expect(result, number).toBe(shown ? 'yes' : 'no');
      expect(Number(tests) > 0, number).toBe(shown);
    }
  });

  it('rests on tests that carry the numbers at the end of their names', async () => {
    const carried = await tags();
    const known = new Set(statements.map(({ number }) => number));
    expect(carried.filter(({ number }) => !known.has(number))).toEqual([]);
    expect(carried.filter(({ after }) => !/^['"`]?$/.test(after))).toEqual([]);
    const shown = new Set(carried.map(({ number }) => number));
    expect([...known].filter((number) => !shown.has(number))).toEqual(NOT_SHOWN);
  });
});
