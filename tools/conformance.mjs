// Writes docs/conformance.md: runs every spec file that carries tags ([C27]: it shows statement 27 of
// test/conformance/statements.json), and the transcripts, and tells per statement how many tests show it, and whether they
// passed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const PAGE = 'docs/conformance.md';
const TAG = /\[C(\d+)\]/g;

process.chdir(new URL('..', import.meta.url).pathname);
const statements = JSON.parse(readFileSync('test/conformance/statements.json', 'utf8'));
const results = resultsOf(run(taggedFiles()));
const page = await format(render(), { ...(await resolveConfig(PAGE)), parser: 'markdown' });
writeFileSync(PAGE, page);
const failing = statements.filter(({ number }) => verdict(number) === 'failing').map(({ number }) => number);
if (failing.length > 0) console.error(`failing: ${failing.join(', ')}`);
process.exitCode = failing.length > 0 ? 1 : 0;

function taggedFiles() {
  return ['test', 'src']
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.spec.ts') && isTagged(file))
    .sort();
}

function isTagged(file) {
  return file.endsWith('transcripts.spec.ts') || /\[C\d+\]/.test(readFileSync(file, 'utf8'));
}

/** The tests of these files, each with its name and status. */
function run(files) {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const report = join(folder, 'report.json');
  try {
    spawnSync(
      'npx',
      ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...files],
      { stdio: ['ignore', 2, 2] },
    );
    return JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap(
      ({ assertionResults }) => assertionResults,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How often each statement was shown, and how often it was not. */
function resultsOf(tests) {
  const counts = new Map(statements.map(({ number }) => [number, { passed: 0, others: 0 }]));
  for (const { title, status } of tests) {
    for (const [, number] of title.matchAll(TAG)) {
      const count = counts.get(Number(number));
      if (!count) throw new Error(`no statement has the number of [C${number}]: ${title}`);
      if (status === 'passed') count.passed += 1;
      else count.others += 1;
    }
  }
  return counts;
}

function verdict(number) {
  const { passed, others } = results.get(number);
  if (others > 0) return 'failing';
  return passed > 0 ? 'yes' : 'no';
}

function render() {
  const shown = statements.filter(({ number }) => verdict(number) === 'yes').length;
  const areas = [...new Set(statements.map(({ area }) => area))];
  return `# Conformance

What a SCIM client may rely on, and whether tests show it: ${shown} of ${statements.length} statements.

\`npm run conformance\` makes this page: it runs every test whose name carries the number of a statement (\`[C27]\`), nearly
all of them over HTTP against a started bridge, and counts. _no_: nothing shows it yet. _failing_: a test that should show
it did not pass.

${areas.map(renderArea).join('\n\n')}
`;
}

function renderArea(area) {
  const rows = statements
    .filter((statement) => statement.area === area)
    .map(({ number, text, section }) => {
      const { passed, others } = results.get(number);
      return `| ${number} | ${text.replaceAll('|', '\\|')} | ${section ?? ''} | ${passed + others} | ${verdict(number)} |`;
    });
  return `## ${area}\n\n| # | Statement | Section | Tests | Result |\n| -: | - | - | -: | - |\n${rows.join('\n')}`;
}
