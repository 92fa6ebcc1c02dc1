import { describe, expect, it } from 'vitest';
import { USUAL_POLICY } from '../../test/support/connection-config.js';
import { ConfigError, loadConfig } from './index.js';

const PRODUCTION = {
  DATABASE_URL: 'postgres://bridge:hunter2@db/bridge',
  REDIS_URL: 'redis://cache:6379',
  CODER_URL: 'https://coder.example.com/',
  CODER_SESSION_TOKEN: 'coder-session-token',
  SCIM_TOKEN: 'a-token-of-the-identity-provider',
  ADMIN_TOKEN: 'a-token-of-the-administrator',
  PUBLIC_URL: 'https://bridge.example.com/',
};

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs nothing: without any variable it is the embedded engine with the simulator on the loopback', () => {
    expect(loadConfig({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      roles: new Set(['api', 'worker', 'scheduler']),
      publicUrl: 'http://127.0.0.1:3000',
      logLevel: 'info',
      database: { engine: 'pglite', dataDir: './data' },
      redisUrl: undefined,
      embedded: true,
      coder: { url: 'simulator', sessionToken: undefined, organization: undefined, rateLimit: 512 },
      scim: { token: undefined, waitMs: 0 },
      connections: [
        {
          name: 'default',
          dialects: {},
          policy: USUAL_POLICY,
          rules: { groups: new Map(), roles: new Map() },
          tokens: [],
          oauth: { tokenMinutes: 60, clients: [] },
          jwt: [],
          rateLimit: { perSecond: 500, burst: 1000 },
        },
      ],
      requestLog: { days: 14, values: false },
      adminToken: undefined,
      dryRun: false,
      safetyBudget: { count: 10, share: 0.2 },
      policy: USUAL_POLICY,
      fullSyncCron: '0 * * * *',
      idpSyncCron: '*/5 * * * *',
    });
  });

  it('reads a production set, listens on all addresses, and drops trailing slashes', () => {
    const config = loadConfig(PRODUCTION);
    expect(config).toMatchObject({
      host: '0.0.0.0',
      embedded: false,
      database: { engine: 'postgres', url: PRODUCTION.DATABASE_URL },
      redisUrl: PRODUCTION.REDIS_URL,
      coder: { url: 'https://coder.example.com', sessionToken: 'coder-session-token' },
      publicUrl: 'https://bridge.example.com',
    });
    expect(config.warnings).toBeUndefined();
  });

  it('reads every other setting', () => {
    const config = loadConfig({
      PORT: '0',
      HOST: '::',
      BRIDGE_ROLES: 'worker, scheduler',
      LOG_LEVEL: 'DEBUG',
      CODER_ORGANIZATION: 'engineering',
      CODER_RATE_LIMIT: '-1',
      SCIM_WAIT_MS: '2500',
      DRY_RUN: 'yes',
      SAFETY_BUDGET: 'off',
      FULL_SYNC_CRON: '*/15 2-6 * jan-mar mon,wed',
      IDP_SYNC_CRON: '*/2 * * * *',
      NEW_USER_STATUS: 'active',
      LOGIN_TYPE: 'none',
      DELETE_USERS: 'delete',
      ADOPT_GROUPS: 'empty',
      RENAME_USERS: 'true',
      PROTECTED_USERS: 'Root, ADA@example.com,,root',
      PROTECTED_GROUPS: 'Admins,ops-*',
      ADOPT_USERS: 'approve',
      SITE_ROLES: '*',
      ORGANIZATION_ROLES: 'organization-admin,builders',
      STRICT: 'yes',
      REVOKE_TOKENS: 'no',
      STOP_WORKSPACES: 'off',
      REVOKE_ON_LOGOUT: 'on',
      CREATE_FROM_CLAIMS: 'true',
      WHEN_SEATS_RUN_OUT: 'refuse',
    });
    expect([...config.roles]).toEqual(['worker', 'scheduler']);
    expect(config).toMatchObject({
      port: 0,
      host: '::',
      publicUrl: 'http://[::1]:0',
      logLevel: 'debug',
      scim: { waitMs: 2500 },
      dryRun: true,
      fullSyncCron: '*/15 2-6 * jan-mar mon,wed',
      idpSyncCron: '*/2 * * * *',
    });
    expect(config.coder).toEqual({ url: 'simulator', organization: 'engineering' });
    expect(config.safetyBudget).toBeUndefined();
    expect(config.policy).toEqual({
      newUserStatus: 'active',
      loginType: 'none',
      deleteUsers: 'delete',
      adoptGroups: 'empty',
      renameUsers: true,
      protectedUsers: ['root', 'ada@example.com'],
      protectedGroups: ['admins', 'ops-*'],
      adoptUsers: 'approve',
      siteRoles: ['*'],
      organizationRoles: ['organization-admin', 'builders'],
      strict: true,
      revokeTokens: false,
      stopWorkspaces: false,
      revokeOnLogout: true,
      createFromClaims: true,
      whenSeatsRunOut: 'refuse',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(loadConfig({ REDIS_URL: '', PORT: ' ', OIDC_ISSUER: '' })).toEqual(loadConfig({}));
  });

  it.each([
    ['PORT', '70000', 'an integer from 0 to 65535'],
    ['PORT', '80a', 'an integer from 0 to 65535'],
    ['HOST', 'a b', 'a host name or an address'],
    [
      'PUBLIC_URL',
      'bridge.example.com',
      'a URL that begins with http:// or https:// without user, query or fragment',
    ],
    ['BRIDGE_ROLES', 'api,chef', 'a list of api, worker, scheduler'],
    ['BRIDGE_ROLES', ',', 'a list of api, worker, scheduler'],
    ['LOG_LEVEL', 'loud', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['CODER_ORGANIZATION', 'a/b', 'the name or the id of an organization'],
    ['CODER_RATE_LIMIT', '0', 'requests per minute and path (1 to 1000000), or -1 for no limit'],
    ['SCIM_TOKEN', 'short', 'at least 16 printable ASCII characters without spaces'],
    ['ADMIN_TOKEN', 'sixteen and more, with spaces', 'at least 16 printable ASCII characters without spaces'],
    ['SCIM_WAIT_MS', '-1', 'milliseconds from 0 to 60000'],
    ['DRY_RUN', 'perhaps', 'true or false'],
    ['SAFETY_BUDGET', '10,200%', 'a count and a share such as 10,20%, or off'],
    ['SAFETY_BUDGET', '20%', 'a count and a share such as 10,20%, or off'],
    ['FULL_SYNC_CRON', '61 * * * *', 'a cron expression of five or six fields'],
    ['FULL_SYNC_CRON', 'hourly', 'a cron expression of five or six fields'],
    ['IDP_SYNC_CRON', 'often', 'a cron expression of five or six fields'],
    ['NEW_USER_STATUS', 'suspended', 'one of dormant, active'],
    ['LOGIN_TYPE', 'saml', 'one of oidc, password, github, none'],
    ['DELETE_USERS', 'keep', 'one of suspend, delete'],
    ['ADOPT_GROUPS', 'sometimes', 'one of never, empty, always'],
    ['RENAME_USERS', '2', 'true or false'],
  ])('refuses %s=%s and says what it expected', (key, value, expected) => {
    expect(faultsOf({ [key]: value })).toEqual([`${key}: expected ${expected}`]);
  });

  it.each([
    ['DATABASE_URL', 'mysql://db', 'a URL that begins with postgres:// or postgresql://'],
    ['REDIS_URL', 'cache:6379', 'a URL that begins with redis:// or rediss://'],
    [
      'CODER_URL',
      'https://u:p@coder',
      'a URL that begins with http:// or https:// without user, query or fragment, or simulator',
    ],
  ])('refuses %s=%s in production', (key, value, expected) => {
    expect(faultsOf({ ...PRODUCTION, [key]: value })).toEqual([`${key}: expected ${expected}`]);
  });

  it('names all faults at once, sorted by key', () => {
    const faults = faultsOf({
      PORT: 'x',
      REDIS_URL: 'redis://cache',
      DRY_RUN: 'x',
      OIDC_ISSUER: 'idp.example.com',
      OIDC_CLIENT_ID: 'bridge',
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'CODER_URL',
      'DRY_RUN',
      'OIDC_ISSUER',
      'PORT',
      'SCIM_TOKEN',
    ]);
  });

  it('never repeats a value', () => {
    const secret = 'sk secret';
    const keys = [
      'SCIM_TOKEN',
      'ADMIN_TOKEN',
      'CODER_SESSION_TOKEN',
      'DATABASE_URL',
      'REDIS_URL',
      'CODER_URL',
      'PORT',
    ];
    const faults = faultsOf(Object.fromEntries(keys.map((key) => [key, secret])));
    expect(faults).toHaveLength(keys.length);
    expect(faults.join('\n')).not.toContain(secret);
  });

  it.each(['DATABASE_URL', 'REDIS_URL'] as const)(
    'requires CODER_URL and SCIM_TOKEN when %s is set',
    (key) => {
      expect(faultsOf({ [key]: PRODUCTION[key] }).map((fault) => fault.split(':')[0])).toEqual([
        'CODER_URL',
        'SCIM_TOKEN',
      ]);
    },
  );

  it('runs the simulator in production only when asked to, and then on the loopback', () => {
    const config = loadConfig({
      DATABASE_URL: PRODUCTION.DATABASE_URL,
      CODER_URL: 'simulator',
      SCIM_TOKEN: PRODUCTION.SCIM_TOKEN,
    });
    expect(config).toMatchObject({ embedded: false, host: '127.0.0.1', coder: { url: 'simulator' } });
  });

  it('listens on the loopback with the embedded database, though the queue is on Redis and Coder is real', () => {
    const { host, embedded } = loadConfig({ ...PRODUCTION, DATABASE_URL: undefined });
    expect([host, embedded]).toEqual(['127.0.0.1', false]);
  });

  it('requires a session token for a real Coder', () => {
    expect(faultsOf({ CODER_URL: 'https://coder.example.com' })).toEqual([
      'CODER_SESSION_TOKEN: is required when CODER_URL is set; expected a token of an account that is an owner',
    ]);
  });

  it('warns of misspelt settings, and not of what belongs to others', () => {
    const { warnings } = loadConfig({
      SCIM_WAIT: '1',
      CODER_RATELIMIT: '9',
      OIDC_ISSUER_URL: 'https://idp.example.com',
      BRIDGE_URL: 'http://x',
      PATH: '/bin',
    });
    expect(warnings).toEqual([
      'CODER_RATELIMIT: no such setting; it has no effect',
      'OIDC_ISSUER_URL: no such setting; it has no effect',
      'SCIM_WAIT: no such setting; it has no effect',
    ]);
  });

  it('warns of what is usable but unusual', () => {
    const { warnings } = loadConfig({
      ...PRODUCTION,
      DATABASE_URL: undefined,
      BRIDGE_ROLES: 'api',
      CODER_URL: 'http://coder.example.com',
      ADMIN_TOKEN: undefined,
      PUBLIC_URL: undefined,
    });
    expect(warnings?.map((line) => line.split(':')[0])).toEqual([
      'BRIDGE_ROLES',
      'CODER_URL',
      'PUBLIC_URL',
      'ADMIN_TOKEN',
    ]);
  });

  it('is read-only to its depth', () => {
    const config = loadConfig({ PROTECTED_USERS: 'root' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.policy.protectedUsers)).toBe(true);
    expect(() => (config.roles as Set<string>).add('chef')).toThrow('read-only');
  });
});
