import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.js';

const NOTHING = { dataDir: './data', noColor: false };

function read(line: string, settings: Partial<Parameters<typeof readArguments>[1]> = {}) {
  let printed = '';
  const print = (text: string): void => void (printed += text);
  try {
    const options = readArguments(
      line.split(' ').filter((word) => word !== ''),
      { ...NOTHING, ...settings },
      { out: print, error: print },
    );
    return { options, printed };
  } catch (error) {
    return { error: error as { exitCode?: number }, printed };
  }
}

describe('the command line of the demo', () => {
  it('needs the provider only', () => {
    expect(read('okta').options).toEqual({ provider: 'okta', users: 20, groups: 4, patienceMs: 120_000 });
  });

  it('takes all options', () => {
    const line =
      'entra --users 10000 --groups 500 --seed 7 --url http://b/scim/v2/ --token t --admin-token a --coder-url https://c/ ' +
      '--coder-token ct --coder-rate-limit -1 --patience 5';
    expect(read(line).options).toEqual({
      provider: 'entra',
      users: 10_000,
      groups: 500,
      seed: 7,
      url: 'http://b',
      token: 't',
      adminToken: 'a',
      coderUrl: 'https://c',
      coderToken: 'ct',
      coderRateLimit: -1,
      patienceMs: 5_000,
    });
  });

  it('takes from the environment what it is not told', () => {
    const settings = { bridgeUrl: 'http://e/', scimToken: 's', adminToken: 'a' };
    expect(read('okta', settings).options).toMatchObject({ url: 'http://e', token: 's', adminToken: 'a' });
    expect(read('okta --url http://o --token t', settings).options).toMatchObject({
      url: 'http://o',
      token: 't',
    });
  });

  it.each([
    ['', "missing required argument 'provider'"],
    ['ping', 'Allowed choices are okta, entra'],
    ['okta --users 9', 'Expected an integer from 10 to 10000'],
    ['okta --users 1e3', 'Expected an integer from 10 to 10000'],
    ['okta --groups 501', 'Expected an integer from 2 to 500'],
    ['okta --url ftp://x', 'Expected a URL that begins with http'],
    ['okta --coder-rate-limit 0', 'Expected an integer from 1'],
    ['okta --coder-url http://c', '--coder-url and --coder-token go together'],
    ['okta --wrong', "unknown option '--wrong'"],
  ])('complains of "%s" and ends with 1', (line, complaint) => {
    const { error, printed } = read(line);
    expect(error?.exitCode).toBe(1);
    expect(printed).toContain(complaint);
  });

  it('complains of a wrong BRIDGE_URL by its name', () => {
    expect(read('okta', { bridgeUrl: 'bridge' }).printed).toContain('BRIDGE_URL: Expected a URL');
  });

  it('explains itself and ends with 0, in lines of at most 100 characters', () => {
    const { error, printed } = read('--help');
    expect(error?.exitCode).toBe(0);
    for (const word of ['okta', 'entra', '--users', '--groups', '--url', 'BRIDGE_URL', 'exit code']) {
      expect(printed).toContain(word);
    }
    expect(Math.max(...printed.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});
