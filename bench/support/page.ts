import { readFile, writeFile } from 'node:fs/promises';

const PAGE = 'docs/benchmarks.md';

/** Puts the text between the marks of its name on the page of figures, in place of what was there. */
export async function writeFigures(name: string, text: string): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const [begin, end] = [`<!-- figures: ${name} -->\n`, `\n<!-- end of figures: ${name} -->`];
  const [before, rest] = split(page, begin);
  const [, after] = split(rest, end);
  await writeFile(PAGE, `${before}${begin}\n\`\`\`text\n${text}\n\`\`\`\n${end}${after}`);
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`${PAGE} has no ${mark.trim()}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
