import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectCoder, type CoderConnection } from '../coder/index.js';
import { startSimulator, type Simulator } from '../simulator/index.js';
import { FakeCoder } from '../coder/testing/fake-coder.js';
import { diagnose } from './diagnose.js';
import { probeCoder } from './prober.js';

const TOKEN = 'abcdefghij-0123456789012345678901';
const EXPECTED = { loginType: 'oidc', newUserStatus: 'dormant', whenSeatsRunOut: 'dormant' } as const;
const log = { error: () => undefined, warn: () => undefined };
let coder: CoderConnection | undefined;

const connect = (url: string, sessionToken = TOKEN): CoderConnection =>
  (coder = connectCoder({ url, sessionToken }, { log, timeoutMs: 2_000 }));

afterEach(async () => {
  await coder?.close();
});

describe('looking at a Coder', () => {
  let fake: FakeCoder;

  beforeEach(async () => {
    fake = await FakeCoder.start();
  });

  afterEach(() => fake.close());

  it('asks one thing where that is not answered', async () => {
    fake.answer(502, 'Bad Gateway');
    const probes = await probeCoder(connect(fake.url).client, { sessionToken: TOKEN });
    expect(fake.seen.map(({ url }) => url)).toEqual(['/api/v2/buildinfo']);
    expect(probes.entitlements).toMatchObject({ unread: { why: 'unknown' } });
  });

  it('tells apart why it has no answer', async () => {
    const answers: Record<string, [number, string]> = {
      '/api/v2/buildinfo': [200, ''],
      '/api/v2/users/me': [401, 'Signed out.'],
      '/api/v2/licenses': [403, 'Forbidden.'],
      '/api/v2/replicas': [404, 'Route not found.'],
      '/api/v2/organizations/eng': [404, 'Resource not found or you do not have access to this resource'],
      '/api/v2/entitlements': [503, 'Later.'],
    };
    fake.responder = ({ url }, response) => {
      const [status, message] = answers[url] ?? [500, 'No.'];
      response.writeHead(status).end(JSON.stringify(status === 200 ? { version: 'v2.26.0' } : { message }));
    };
    const probes = await probeCoder(connect(fake.url).client, { organization: 'eng', sessionToken: TOKEN });
    const why = (name: keyof typeof probes): unknown =>
      (probes[name] as { unread?: { why: string } }).unread?.why;
    expect(why('self')).toBe('token');
    expect(why('licenses')).toBe('denied');
    expect(why('replicas')).toBe('missing');
    expect(why('organization')).toBe('gone');
    expect(why('entitlements')).toBe('unknown');
    expect(why('proxies')).toBe('unknown');
  });

  it('asks for the end of its token by the id of it, and shows no token anywhere', async () => {
    fake.responder = ({ url }, response) => {
      response.writeHead(url === '/api/v2/buildinfo' ? 200 : 400);
      response.end(JSON.stringify({ version: 'v2.26.0', message: `Not with ${TOKEN}` }));
    };
    const probes = await probeCoder(connect(fake.url).client, { sessionToken: TOKEN });
    expect(fake.seen.map(({ url }) => url)).toContain('/api/v2/users/me/keys/abcdefghij');
    expect(fake.seen.map(({ url }) => url).join()).not.toContain(TOKEN);
    expect(JSON.stringify([probes, diagnose(probes, EXPECTED)])).not.toContain(TOKEN.slice(11));
  });
});

describe('looking at the simulated Coder', () => {
  let simulator: Simulator;

  beforeEach(async () => {
    simulator = await startSimulator();
  });

  afterEach(() => simulator.close());

  async function rows(token = simulator.token): Promise<Record<string, string>> {
    const probes = await probeCoder(connect(simulator.url, token).client, { sessionToken: token });
    const { findings } = diagnose(probes, EXPECTED);
    return Object.fromEntries(findings.map(({ check, result }) => [check, result]));
  }

  it('finds nothing to mend', async () => {
    const found = await rows();
    expect(Object.entries(found).filter(([, result]) => result === 'fail')).toEqual([]);
    expect(found).toMatchObject({
      coder: 'ok',
      version: 'ok',
      token: 'ok',
      groups: 'ok',
      organization: 'ok',
    });
  });

  it('finds what an admin has set against the bridge', async () => {
    simulator.admin.set({ features: { template_rbac: false, multiple_organizations: true } });
    simulator.admin.setOrganizationSync({ field: 'orgs' });
    expect(await rows()).toMatchObject({ groups: 'fail', 'organization-sync': 'fail' });
    simulator.admin.set({ features: { template_rbac: true } });
    simulator.admin.setGroupSync({ field: 'groups' });
    expect(await rows()).toMatchObject({ groups: 'ok', 'group-sync': 'fail' });
  });

  it('finds a token of a member, and one that is refused', async () => {
    simulator.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    expect(await rows(simulator.admin.createToken('ann'))).toMatchObject({ token: 'fail' });
    expect(await rows(TOKEN)).toMatchObject({ coder: 'ok', token: 'fail' });
  });

  it('finds that nobody can log in by OIDC, and that logins decide site roles', async () => {
    expect(await rows()).toMatchObject({ login: 'ok', 'site-role-sync': 'ok' });
    simulator.admin.set({ oidcConfigured: false, siteRoleSync: true });
    expect(await rows()).toMatchObject({ login: 'fail', 'site-role-sync': 'warn' });
  });

  it('finds an old version by what it lacks', async () => {
    simulator.admin.set({ profile: 's-old' });
    const found = await rows();
    expect(found).toMatchObject({ version: 'warn', groups: 'ok' });
    expect(found).not.toHaveProperty('organization-sync');
  });

  it('changes nothing', async () => {
    await rows();
    expect(simulator.calls.count()).toBeGreaterThan(10);
    expect(simulator.calls.mutations()).toEqual([]);
  });
});
