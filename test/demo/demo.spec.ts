import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, SCIM_TOKEN, useBridge, type TestBridge } from '../support/bridge.js';
import { compile } from '../support/child-program.js';

const SMALL = ['--users', '12', '--groups', '3'];

let compiled: Awaited<ReturnType<typeof compile>>;
let temporary: string;
const before = new Map<string, string | undefined>();

/** What a shell of the machine may have set would make another run of it. */
const SETTINGS = ['BRIDGE_URL', 'SCIM_TOKEN', 'ADMIN_TOKEN', 'DATA_DIR'];

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'demo-spec-'));
  for (const key of [...SETTINGS, 'TMPDIR']) before.set(key, process.env[key]);
  for (const key of SETTINGS) delete process.env[key];
  process.env['TMPDIR'] = temporary;
  compiled = await compile(['src']);
});

afterAll(async () => {
  for (const [key, value] of before) {
    if (value === undefined) delete process.env[key];
    else process.env[key] = value;
  }
  await compiled?.remove();
  await rm(temporary, { recursive: true, force: true });
});

const demo = (...args: readonly string[]) => compiled.run('src/cli/demo.ts', args);

/** The figures of one line of the table of calls. */
function phase(lines: readonly string[], title: string): string[] {
  const line = lines.findLast((candidate) => candidate.startsWith(`  ${title} `)) ?? '';
  return line
    .slice(title.length + 2)
    .trim()
    .split(/ {2,}/);
}

/** Options for a bridge that runs. */
const at = ({ bridge }: TestBridge): string[] => [
  '--url',
  bridge.url,
  '--token',
  SCIM_TOKEN,
  '--admin-token',
  ADMIN_TOKEN,
];

describe('the demo with a bridge of its own', { timeout: 180_000 }, () => {
  it.each([
    ['okta', 'Okta'],
    ['entra', 'Microsoft Entra ID'],
  ])('plays %s, finds Coder as it was stated, and leaves nothing behind', async (provider, name) => {
    const running = demo(provider, ...SMALL);
    expect(await running.exit(), running.lines.join('\n')).toBe(0);
    const { lines } = running;
    expect(lines).toContain(`✔ Coder holds what ${name} stated.`);
    expect(lines.find((line) => line.includes('active people'))).toMatch(/ 10 +10 +✔$/);
    const [, , , , mutations, necessary] = phase(lines, '2 Assign people');
    expect([mutations, necessary]).toEqual(['12', '12']);
    const [pushes, , , , repeated] = phase(lines, '7 All of it again');
    expect(Number(pushes)).toBeGreaterThan(12);
    expect(repeated).toBe('0');
    // The last table is that of the single changes.
    const [measured] = phase(lines, 'all');
    expect(Number(measured)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(lines.join('')).not.toContain('\u001b');
    expect(await readdir(temporary)).toEqual([]);
  });

  it('ends its bridge and removes the data when it is interrupted', async () => {
    const running = demo('okta', '--users', '2000', '--groups', '10');
    const address = await running.line('  bridge ');
    const url = /bridge (\S+)/.exec(address)?.[1] ?? '';
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    // Twice, as it comes under npm, which passes on what the terminal sent to both.
    running.signal('SIGINT');
    await running.line('Interrupted');
    running.signal('SIGINT');
    expect(await running.exit()).toBe(130);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(await readdir(temporary)).toEqual([]);
  });
});

describe('the demo against a bridge that runs', () => {
  const target = useBridge();
  const against = (...args: readonly string[]) => demo('okta', ...SMALL, ...at(target), ...args);

  it('ends with 1 and names the group that somebody else had made, whose members cannot follow', async () => {
    target.simulator.admin.createGroup({ name: 'all-staff-7' });
    const running = against('--seed', '7');
    expect(await running.exit(), running.lines.join('\n')).toBe(1);
    expect(running.lines).toContain('  All Staff 🎉 7: there is no such group in Coder');
    expect(running.lines.join(' ').replace(/\s+/g, ' ').includes('that the bridge did not make')).toBe(true);
    expect(running.lines.find((line) => line.startsWith('  groups '))).toMatch(/ 3 +2 +✘$/);
    expect(running.lines.at(-1)).toMatch(
      /^✘ \d+ differences? and \d+ faults? on the way between Okta and Coder\.$/,
    );
  });

  it('ends with 1 and names who was changed in Coder while it ran', async () => {
    const running = against('--seed', '8');
    await running.line('  5 Leavers');
    target.simulator.admin.updateUser('ann@other-8.example', { name: 'Somebody Else' });
    expect(await running.exit(), running.lines.join('\n')).toBe(1);
    expect(running.lines.some((line) => line.includes('the account\'s name is "Somebody Else"'))).toBe(true);
    expect(running.lines.at(-1)).toMatch(/^✘ 1 difference /);
  });

  it('compares through the API of a Coder that is no simulator, and then counts no calls', async () => {
    const { url, token } = target.simulator;
    const running = against('--seed', '9', '--coder-url', url, '--coder-token', token);
    expect(await running.exit(), running.lines.join('\n')).toBe(0);
    expect(phase(running.lines, '2 Assign people').at(-1)).toBe('?');
  });

  it('says what is missing when it gets no token', async () => {
    const running = demo('okta', '--url', target.bridge.url);
    expect(await running.exit()).toBe(1);
    expect(running.lines.join('\n')).toContain('needs its SCIM token: give --token, or set SCIM_TOKEN');
  });

  it('says so when the admin token is wrong', async () => {
    const running = demo(
      'okta',
      '--url',
      target.bridge.url,
      '--token',
      SCIM_TOKEN,
      '--admin-token',
      'wrong-wrong-wrong',
    );
    expect(await running.exit()).toBe(1);
    expect(running.lines.join('\n')).toContain("The bridge's admin API cannot be used");
  });

  it('says so when nobody answers', async () => {
    const running = demo('okta', '--url', 'http://127.0.0.1:9', '--token', SCIM_TOKEN);
    expect(await running.exit()).toBe(1);
    expect(running.lines.join('\n')).toContain('There is no bridge at http://127.0.0.1:9');
  });
});

describe('the demo against a bridge whose safety budget is spent', () => {
  const target = useBridge({ env: { SAFETY_BUDGET: '0,0%' } });

  it('ends with 1 and names what is held, without waiting for it', async () => {
    const running = demo('entra', ...SMALL, ...at(target), '--patience', '3600');
    expect(await running.exit(), running.lines.join('\n')).toBe(1);
    expect(running.lines.some((line) => line.includes(': held for approval'))).toBe(true);
    expect(running.lines).toContain('  deactivated: a single change did not reach Coder');
    expect(running.lines.find((line) => line.includes('suspended people'))).toMatch(/ 2 +0 +✘$/);
  });
});
