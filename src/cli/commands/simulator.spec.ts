import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { runCommand } from './program.js';

const TOKEN = 'aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb';

/** Runs the command line until `enough` of what it prints; then it is interrupted. Answers all it printed. */
async function run(argv: readonly string[], enough: (out: string) => Promise<void> = async () => undefined) {
  const ending = new AbortController();
  let out = '';
  let error = '';
  let looking: Promise<void> = Promise.resolve();
  await runCommand(argv, {
    open: () => Promise.reject(new Error('no bridge is needed')),
    out: (text) => {
      out += text;
      looking = enough(out).finally(() => ending.abort());
    },
    error: (text) => (error += text),
    signal: ending.signal,
  });
  await looking;
  return { out, error };
}

describe('idp-bridge simulator', () => {
  it('says where it is and with which token, answers as the release does, and ends when interrupted', async () => {
    let version: unknown;
    let me: unknown;
    let url = '';
    const argv = ['simulator', '--port', '0', '--profile', 's-old', '--token', TOKEN];
    const { out } = await run(argv, async (printed) => {
      url = /URL\s+(\S+)/.exec(printed)?.[1] ?? '';
      version = await (await fetch(`${url}/api/v2/buildinfo`)).json();
      me = await (
        await fetch(`${url}/api/v2/users/me`, { headers: { 'Coder-Session-Token': TOKEN } })
      ).json();
    });
    expect(out).toMatch(
      /^Coder \(simulated, s-old\)\n {2}URL {4}http:\/\/127\.0\.0\.1:\d+\n {2}Token {2}a{10}-b{22}\n$/,
    );
    expect(version).toMatchObject({ version: 'v2.3.0' });
    expect(me).toMatchObject({ username: 'idp-bridge' });
    await expect(fetch(`${url}/api/v2/buildinfo`)).rejects.toThrow('fetch failed');
  });

  it('is a part of the help, and has its own', async () => {
    const help = async (argv: string[]): Promise<string> => {
      let out = '';
      await runCommand(argv, {
        open: () => Promise.reject(new Error('no bridge is needed')),
        out: (text) => (out += text),
        error: () => undefined,
        signal: new AbortController().signal,
      }).catch((problem: unknown) => {
        if (!(problem instanceof CommanderError) || problem.exitCode !== 0) throw problem;
      });
      return out;
    };
    expect(await help(['--help'])).toMatch(/simulator \[options\]\s+a simulated Coder/);
    expect(await help(['simulator', '--help'])).toMatch(/--profile <release>[\s\S]*n26-scim2/);
  });

  it.each([
    [['--profile', 'b99'], 'Allowed choices are s-old, s-new, b25-legacy, n26-scim2'],
    [['--port', '70000'], 'whole number from 0 to 65535'],
  ])('refuses %j', async (options, message) => {
    let error = '';
    const running = runCommand(['simulator', ...options], {
      open: () => Promise.reject(new Error('no bridge is needed')),
      out: () => undefined,
      error: (text) => (error += text),
      signal: new AbortController().signal,
    });
    await expect(running).rejects.toMatchObject({ exitCode: 1 });
    expect(error).toContain(message);
  });
});
