import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { KEYS } from '../../src/config/variables.js';
import { loadConfig } from '../../src/config/index.js';
import { useBridge } from '../support/bridge.js';

/** The rows of a document's tables, as cells without backticks. */
async function rows(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.replaceAll('`', '').trim()));
}

/** The rows whose first cell names something of that form, by name. */
const named = (table: readonly string[][], form: RegExp): Map<string, string[]> =>
  new Map(table.flatMap(([name = '', ...cells]) => (form.test(name) ? [[name, cells]] : [])));

describe('the settings in docs/operations.md', () => {
  it('are all that there are, and no others', async () => {
    const documented = named(await rows('docs/operations.md'), /^[A-Z_]+$/);
    expect([...documented.keys()].toSorted()).toEqual([...KEYS].toSorted());
  });

  it('have the defaults that the table names', async () => {
    const documented = named(await rows('docs/operations.md'), /^[A-Z_]+$/);
    const defaults = [...documented].flatMap(([key, [value = '']]) =>
      /^(?:none|see below|the (?:default|address).*)$/.test(value) ? [] : [[key, value] as const],
    );
    expect(defaults.length).toBeGreaterThan(10);
    expect(loadConfig(Object.fromEntries(defaults))).toEqual(loadConfig({}));
  });

  it('are those that the README names too', async () => {
    const listed = (await rows('README.md')).flatMap(
      ([name = '']) => name.match(/\b[A-Z]+_?[A-Z_]+\b/g) ?? [],
    );
    expect(listed.length).toBeGreaterThan(10);
    expect(listed.filter((key) => !KEYS.includes(key))).toEqual([]);
  });
});

describe('the metrics in docs/operations.md', () => {
  const bridge = useBridge();

  it('are those that a running bridge serves, with their labels, and name nobody', async () => {
    const { scim, admin } = bridge;
    const user = await scim.postUser('zebediah.quillon@corp.example');
    const group = await scim.postGroup('Friends', [user]);
    await scim.postUser('nobody', { emails: [] });
    await scim.get(`/Groups/${group}`);
    await bridge.untilSettled();
    const { text, headers } = await admin.get('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    const documented = named(await rows('docs/operations.md'), /^idp_bridge_/);
    const served = [...text.matchAll(/^# TYPE (idp_bridge_\w+) /gm)].map(([, name]) => name);
    expect(served.toSorted()).toEqual([...documented.keys()].toSorted());
    for (const [name, [labels = '']] of documented) {
      const [, found = ''] =
        new RegExp(`^${name}(?:_count)?(?:\\{(.*)\\})? `, 'm').exec(text) ?? expect.fail(name);
      expect([name, [...found.matchAll(/(\w+)="/g)].map(([, label]) => label).join(', ')]).toEqual([
        name,
        labels,
      ]);
    }
    for (const fact of ['zebediah', 'quillon', 'corp.example', 'Friends', user, group])
      expect(text).not.toContain(fact);
  });

  it('count the way of a push to Coder', async () => {
    const { text } = await bridge.admin.get('/metrics');
    expect(text).toMatch(/^idp_bridge_push_to_coder_seconds_count\{kind="user"\} [1-9]/m);
    expect(text).toMatch(/^idp_bridge_push_to_coder_seconds_count\{kind="group"\} [1-9]/m);
    expect(text).toMatch(/^idp_bridge_coder_calls_total\{operation="POST \/users",status="2xx"\} 1$/m);
    expect(text).toMatch(/^idp_bridge_targets\{state="failed"\} 1$/m);
    expect(text).toMatch(/^idp_bridge_reconcile_runs_total\{kind="user",outcome="failed"\} [1-9]/m);
  });
});
