import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/index.js';
import { commandOrSkip } from './commands.js';

const FILE = resolve(import.meta.dirname, '../../docker-compose.yml');
const SECRETS = {
  POSTGRES_PASSWORD: 'letters4and4digits',
  CODER_URL: 'https://coder.example.com',
  CODER_SESSION_TOKEN: 'a-session-token',
  SCIM_TOKEN: 'a-token-of-the-identity-provider',
  ADMIN_TOKEN: 'a-token-of-the-administrator',
};

interface Service {
  readonly image: string;
  readonly environment?: Record<string, string>;
  readonly command?: string[];
  readonly healthcheck: { readonly test: string[] };
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly ports?: unknown[];
  readonly volumes: string[];
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
}

function config(env: Record<string, string>): { status: number | null; stdout: string; stderr: string } {
  const { PATH, HOME } = process.env;
  const options = { env: { PATH, HOME, ...env }, encoding: 'utf8' } as const;
  return spawnSync('docker-compose', ['--file', FILE, 'config'], options);
}

describe.skipIf(commandOrSkip('docker-compose', ['version']))('the compose file', () => {
  let services: Record<string, Service>;
  const service = (name: string): Service => {
    const found = services[name];
    if (found === undefined) throw new Error(`no service ${name}`);
    return found;
  };

  beforeAll(() => {
    const { status, stdout, stderr } = config(SECRETS);
    expect([status, stderr]).toEqual([0, '']);
    ({ services } = parse(stdout) as { services: Record<string, Service> });
  });

  it('has the bridge, PostgreSQL and Redis, each with a health check', () => {
    expect(Object.keys(services).toSorted()).toEqual(['bridge', 'postgres', 'redis']);
    for (const { healthcheck } of Object.values(services)) expect(healthcheck.test.length).toBeGreaterThan(1);
  });

  it('gives the bridge settings that it accepts without a warning but PUBLIC_URL', () => {
    const loaded = loadConfig(service('bridge').environment ?? {});
    expect(loaded).toMatchObject({ host: '0.0.0.0', embedded: false, redisUrl: 'redis://redis:6379' });
    expect(loaded.database).toEqual({
      engine: 'postgres',
      url: `postgres://bridge:${SECRETS.POSTGRES_PASSWORD}@postgres:5432/bridge`,
    });
    expect(loaded.warnings?.map((line) => line.split(':')[0])).toEqual(['PUBLIC_URL']);
  });

  it('starts the bridge when its servers answer, and keeps it without privileges', () => {
    const { depends_on, read_only, cap_drop } = service('bridge');
    const healthy = { condition: 'service_healthy' };
    expect(depends_on).toEqual({ postgres: healthy, redis: healthy });
    expect({ read_only, cap_drop }).toEqual({ read_only: true, cap_drop: ['ALL'] });
  });

  it('keeps Redis on disk and lets it evict nothing', () => {
    const { command = [] } = service('redis');
    expect(command.join(' ')).toMatch(/--appendonly yes\b.*--maxmemory-policy noeviction\b/);
  });

  it('keeps data in named volumes and publishes the bridge on this machine only', () => {
    for (const { volumes } of Object.values(services)) expect(volumes[0]).toMatch(/^[a-z]+-data:\//);
    expect(
      Object.entries(services).flatMap(([name, { ports }]) => (ports === undefined ? [] : [[name, ports]])),
    ).toEqual([['bridge', ['127.0.0.1:3000:3000/tcp']]]);
  });

  it.each(['POSTGRES_PASSWORD', 'CODER_URL', 'SCIM_TOKEN', 'ADMIN_TOKEN'])(
    'refuses to start without %s',
    (key) => {
      const { status, stderr } = config({ ...SECRETS, [key]: '' });
      expect(status).not.toBe(0);
      expect(stderr).toContain(`set ${key} to`.replace('ADMIN_TOKEN to', 'ADMIN_TOKEN for'));
    },
  );
});
