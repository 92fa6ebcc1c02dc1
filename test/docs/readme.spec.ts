import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ADMIN_TOKEN, SCIM_TOKEN, startTestBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';

const run = promisify(execFile);

/** The README's walk-through: the shell blocks behind a `walk-through` comment, with what the comment says of them. */
async function walkThrough(): Promise<{ kind: string; script: string }[]> {
  const readme = await readFile('README.md', 'utf8');
  const blocks = readme.matchAll(/<!-- walk-through ?([a-z]*) -->\n\n```sh\n([\s\S]*?)```/g);
  return [...blocks].map(([, kind = '', script = '']) => ({ kind, script }));
}

describe('the README', () => {
  let bridge: TestBridge;
  let folder: string;

  beforeAll(async () => {
    bridge = await startTestBridge();
    folder = await mkdtemp(join(tmpdir(), 'idp-bridge-readme-'));
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'admin-token'), ADMIN_TOKEN);
  });
  afterAll(async () => {
    await bridge.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The script with this bridge's addresses and token in the place of the documented ones. */
  const here = (script: string): string =>
    script
      .replaceAll('http://127.0.0.1:3000', bridge.admin.base)
      .replaceAll('http://127.0.0.1:40123', bridge.simulator.url)
      .replaceAll('idpb_…', SCIM_TOKEN);

  it('has a walk-through by curl that works as it is printed', async () => {
    const blocks = await walkThrough();
    expect(blocks.map(({ kind }) => kind)).toEqual(['', '', '', 'coder', '', 'refused', 'admin']);
    const script = blocks.map(({ kind, script: block }) => step(kind, here(block))).join('echo "$MARK"\n');
    const env = { ...process.env, MARK, BRIDGE: bridge.admin.base, ADMIN_TOKEN };
    const { stdout } = await run('bash', ['-c', `set -euo pipefail\n${script}`], { cwd: folder, env });
    const [, created, found, coder, left, refused, admin] = stdout.split(`${MARK}\n`);
    expect(created).toBe('');
    expect(found).toContain('"totalResults":1');
    expect(found).toMatch(/"displayName": ?"Platform Team"/);
    expect(coder).toMatch(/"username":"ada".*"status":"dormant"/);
    expect(coder).toMatch(/"name":"platform-team","display_name":"Platform Team","members":\["ada"\]/);
    expect(left).toMatch(/"active": ?false/);
    expect(refused).toContain('"scimType":"invalidFilter"');
    expect(admin).toMatch(/"dirty":\d.*"outcome":"done".*"failures":\[\].*"holds":\[\]/s);
    await bridge.untilSettled();
    expect(bridge.simulator.admin.user('ada')).toMatchObject({ status: 'suspended' });
  });
});

const MARK = '-- next block --';

/** Waits, as a reader does by reading on, until nothing is left to be done. */
const SETTLED = `until curl -s -H "Authorization: Bearer $ADMIN_TOKEN" "$BRIDGE/api/v1/status" | grep -q '"dirty":0'; do sleep 0.1; done\n`;

/** A block as it is run: curl ends with an error where the bridge refuses, which is what that block shows. */
function step(kind: string, block: string): string {
  if (kind === 'coder') return SETTLED + block;
  return kind === 'refused' ? `${block.trim()} || true\n` : block;
}
