import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { CommandFailed } from './backend.js';
import { doctorCommand } from './doctor.js';

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator();
});

afterEach(() => simulator.close());

async function run(
  environment: NodeJS.ProcessEnv,
  ...argv: string[]
): Promise<{ out: string; error: unknown }> {
  let out = '';
  const command = doctorCommand({ out: (text) => (out += text), environment, columns: 100 }).exitOverride();
  const error: unknown = await command.parseAsync(argv, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { out, error };
}

const settings = (): NodeJS.ProcessEnv => ({
  CODER_URL: simulator.url,
  CODER_SESSION_TOKEN: simulator.token,
});

describe('idp-bridge doctor', () => {
  it('prints the table of the Coder that the bridge is set to', async () => {
    const { out, error } = await run(settings());
    expect(error).toBeUndefined();
    expect(out).toContain(`Coder at ${simulator.url}, v2.26.0\n`);
    expect(out).toMatch(/ {2}token +ok +Its account is an owner\./);
    expect(out).not.toContain('simulator that was started');
  });

  it('ends with 1 when anything is to be mended', async () => {
    simulator.admin.setGroupSync({ field: 'groups' });
    const { out, error } = await run(settings());
    expect(out).toMatch(/group-sync +FAIL/);
    expect(out).not.toContain('hand-over');
    const claims = { OIDC_ISSUER: 'https://idp.example.com', OIDC_CLIENT_ID: 'bridge' };
    expect((await run({ ...settings(), ...claims })).out).toContain('rules hand-over');
    expect(error).toBeInstanceOf(CommanderError);
    expect((error as CommanderError).exitCode).toBe(1);
  });

  it('prints JSON for programs', async () => {
    const { out } = await run(settings(), '--json');
    expect(JSON.parse(out)).toMatchObject({
      coder: { url: simulator.url, simulator: false, version: 'v2.26.0' },
      groups: true,
      findings: expect.arrayContaining([{ check: 'coder', result: 'ok', finding: 'It answers.' }]),
    });
  });

  it('looks at a simulator of its own where no Coder is set, and says so', async () => {
    for (const environment of [{}, { CODER_URL: 'simulator' }]) {
      expect((await run(environment)).out).toContain('This is a simulator that was started to be looked at');
    }
  });

  it('looks into the organization that the bridge works in', async () => {
    const { out } = await run({ ...settings(), CODER_ORGANIZATION: 'eng' });
    expect(out).toMatch(/organization +FAIL +It is not there/);
  });

  it('never shows the token', async () => {
    const secret = simulator.token.slice(11);
    for (const argv of [[], ['--json']]) expect((await run(settings(), ...argv)).out).not.toContain(secret);
  });

  it('says what is wrong with the settings', async () => {
    const { error } = await run({ CODER_URL: simulator.url });
    expect(error).toBeInstanceOf(CommandFailed);
    expect((error as CommandFailed).message).toMatch(/^CODER_SESSION_TOKEN: is required/);
  });

  it('of a Coder that is away says that alone', async () => {
    await simulator.admin.stopListening();
    const { out, error } = await run(settings());
    expect(error).toBeInstanceOf(CommanderError);
    expect(out).toMatch(/coder +FAIL +It does not answer/);
    expect(out).toContain('1 to mend, 0 to look at, 0 well.');
  });
});
