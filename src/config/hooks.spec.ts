import { afterEach, describe, expect, it } from 'vitest';
import { configFile } from '../../test/support/config-file.js';
import { ConfigError, loadConfig } from './index.js';

const TENANT = '6c1f5b0e-1f5e-4b8e-9c55-0d2f4a6b7c8d';
const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const files: Awaited<ReturnType<typeof configFile>>[] = [];
afterEach(async () => {
  for (const file of files.splice(0)) await file.remove();
});

async function hooksOf(hooks: string, { issuer = ENTRA, env = {} } = {}) {
  const text = `connections: [{ name: one, oidc: { issuer: '${issuer}', clientId: bridge, hooks: ${hooks} } }]`;
  const file = await configFile(text);
  files.push(file);
  return loadConfig({ BRIDGE_CONFIG: file.path, ...env }).connections[0]?.oidc?.hooks;
}

async function faultsIn(...given: Parameters<typeof hooksOf>): Promise<readonly string[]> {
  const found = await hooksOf(...given).then(
    () => [],
    (error: unknown) => (error instanceof ConfigError ? error.faults : Promise.reject(error as Error)),
  );
  return found.map((line) => line.replace('BRIDGE_CONFIG: connections[0].oidc.hooks', ''));
}

describe('the hooks of a connection in the file', () => {
  it('are none unless they are stated', async () => {
    expect(await hooksOf('{}')).toEqual({ webhooks: [] });
  });

  it('have usual settings, and secrets from elsewhere', async () => {
    const env = { ONE: 'the-first-secret-of-all', TWO: 'the-second-secret-of-all' };
    const hooks = `{
      oktaToken: { secrets: [env:ONE, env:TWO] },
      oktaEvents: { secrets: env:TWO, header: X-Okta-Secret },
      entra: { audience: 2a9d1c44-8f5a-4b53-a0c1-6f0e7d3b2c11 },
      webhooks: [{ name: auth0, secrets: env:ONE, missing: none }] }`;
    expect(await hooksOf(hooks, { env })).toEqual({
      oktaToken: { header: 'authorization', secrets: [env.ONE, env.TWO], missing: 'keep' },
      oktaEvents: { header: 'x-okta-secret', secrets: [env.TWO] },
      entra: { issuer: ENTRA, tenants: [TENANT], audiences: ['2a9d1c44-8f5a-4b53-a0c1-6f0e7d3b2c11'] },
      webhooks: [{ name: 'auth0', secrets: [env.ONE], missing: 'none' }],
    });
  });

  it('take tokens of another issuer of Entra ID, whose tenant may be named', async () => {
    const issuer = `https://sts.windows.net/${TENANT.toUpperCase()}/`;
    expect((await hooksOf(`{ entra: { audience: a, issuer: '${issuer}' } }`))?.entra).toMatchObject({
      issuer,
      tenants: [TENANT],
    });
    const elsewhere = { issuer: 'https://idp.example.com/' };
    expect((await hooksOf(`{ entra: { audience: a, tenant: ${TENANT} } }`, elsewhere))?.entra).toMatchObject({
      issuer: 'https://idp.example.com/',
      tenants: [TENANT],
    });
    expect(await faultsIn('{ entra: { audience: a } }', elsewhere)).toEqual([
      '.entra.tenant: expected the id of the tenant, as the issuer has none',
    ]);
  });

  it.each([
    ['{ oktaToken: {} }', '.oktaToken.secrets: expected a list of 1 to 4 secrets'],
    ['{ oktaToken: { secrets: short } }', '.oktaToken.secrets[0]: expected a secret of at least 16'],
    [
      '{ oktaEvents: { secrets: env:NONE } }',
      '.oktaEvents.secrets[0]: expected the environment variable NONE',
    ],
    [
      '{ oktaEvents: { secrets: the-secret-of-the-hook, header: "a b" } }',
      '.oktaEvents.header: expected the name',
    ],
    [
      '{ oktaEvents: { secrets: the-secret-of-the-hook, missing: none } }',
      '.oktaEvents.missing: no such setting',
    ],
    [
      '{ oktaToken: { secrets: the-secret-of-the-hook, missing: all } }',
      '.oktaToken.missing: expected one of keep, none',
    ],
    ['{ entra: {} }', '.entra.audience: expected a text or a list'],
    ['{ entra: { audience: a, tenant: acme } }', ".entra.tenant: expected the tenant's id"],
    ['{ entra: { audience: a, issuer: "http://idp.example.com" } }', '.entra.issuer: expected a URL'],
    [
      '{ webhooks: [{ name: A, secrets: the-secret-of-the-hook }] }',
      '.webhooks[0].name: expected lower-case',
    ],
    ['{ webhooks: [{ name: a }] }', '.webhooks[0].secrets: expected a list'],
    [
      '{ webhooks: [{ name: a, secrets: the-secret-of-the-hook }, { name: a, secrets: the-secret-of-the-hook }] }',
      '.webhooks[1].name: expected the name to be another one than that of webhooks[0]',
    ],
    ['{ webhooks: [nothing] }', '.webhooks'],
    ['{ auth0: {} }', '.auth0: no such setting'],
  ])('are refused as %s', async (hooks, fault) => {
    const found = await faultsIn(hooks);
    expect(found.map((line) => line.slice(0, fault.length))).toContain(fault);
  });
});
