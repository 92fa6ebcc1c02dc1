import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionConfig } from '../../../test/support/connection-config.js';
import { CLIENT, OpenIdProvider } from '../../../test/support/openid-provider.js';
import { systemClock, type ClaimsStatement, type StatedClaims } from '../../common/index.js';
import { loadConfig } from '../../config/index.js';
import { Connections } from '../../connections/index.js';
import { DirectoryError } from '../../directory/index.js';
import { silentLog } from '../../telemetry/index.js';
import { OidcConnections } from '../oidc-connections.js';
import { LoginService } from './login-service.js';

const URL_OF_BRIDGE = 'https://bridge.example/idp';
const FOLLOWING = { facts: [], nothing: [], moreNothing: 0 };
const GUESSES = { isSuspect: () => false, count: () => 0 };

describe('a login', () => {
  let provider: OpenIdProvider;
  let stated: ClaimsStatement[];
  let answer: StatedClaims;
  let user: () => { document: string };
  beforeAll(async () => {
    provider = await OpenIdProvider.start([`${URL_OF_BRIDGE}/oidc/callback`]);
  });
  afterAll(() => provider?.stop());
  beforeEach(() => {
    stated = [];
    answer = { outcome: 'recorded', userId: 'u-1', tiedBy: 'email', version: 7 };
    user = () => ({ document: '{"userName":"ada"}' });
  });

  /** A replica, with nothing in common with others but its configuration. */
  function replica() {
    const { connections } = loadConfig({
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
    });
    const { oidc } = connections[0] ?? {};
    const served = [{ id: 'c-1', name: 'one', config: connectionConfig('one', oidc ? { oidc } : {}) }];
    const directory = {
      claims: {
        state: async (statement: ClaimsStatement) => {
          stated.push(statement);
          return answer;
        },
        following: async (userId: string) => ({ ...FOLLOWING, isDecided: userId === 'u-1' }),
      },
      settlements: {
        wait: async ({ id, version }: { id: string; version: number }) =>
          id === 'u-1' && version === 7
            ? ({ outcome: 'applied' } as const)
            : ({ outcome: 'pending' } as const),
      },
      users: { get: async () => user() as never },
    };
    const service = new LoginService(directory, { guesses: GUESSES as never }, URL_OF_BRIDGE, systemClock);
    return { service, to: new OidcConnections(new Connections(served), systemClock, silentLog).find('one') };
  }
  const visit = { connection: null, address: '192.0.2.1', cookies: undefined, query: '' };

  /** Begun at one replica and finished at another. */
  async function logIn() {
    const [one, other] = [replica(), replica()];
    const begun = await one.service.begin(one.to, visit);
    const back = new URL(await provider.logIn(begun.answer, 'ada'));
    const ends: string[] = [];
    const cookies = begun.cookie.split(';', 1)[0];
    const query = back.search.slice(1);
    const shown = await other.service.finish(other.to, { ...visit, cookies, query }, (end) => ends.push(end));
    return { shown, ends };
  }

  it('begins at one replica, and is finished by another', async () => {
    const { shown, ends } = await logIn();
    expect(shown).toMatchObject({ stated: answer, userName: 'ada', claims: { sub: 'ada' } });
    expect(stated).toMatchObject([{ connectionId: 'c-1', subject: 'ada', source: 'login' }]);
    expect(ends).toEqual([expect.stringMatching(/^__Host-idp-bridge-login-one=; Max-Age=0; .*Secure$/)]);
  });

  it('is looked after by any replica, as long as the link lives', async () => {
    const { shown } = await logIn();
    const { service, to } = replica();
    expect(shown.statusUrl).toMatch(/^status\?of=/);
    expect(await service.status(to, shown.statusUrl?.slice('status?'.length) ?? '')).toEqual({
      outcome: 'applied',
      following: { ...FOLLOWING, isDecided: true },
    });
    expect(await service.status(to, 'of=x')).toBeUndefined();
    expect(await service.status(to, '')).toBeUndefined();
  });

  it('names nobody where the person is not in the directory, or not any more', async () => {
    answer = { outcome: 'recorded', userId: null, tiedBy: null, version: null };
    expect((await logIn()).shown).toMatchObject({ userName: null, statusUrl: null });
    answer = { outcome: 'recorded', userId: 'u-1', tiedBy: 'email', version: 7 };
    user = () => {
      throw new DirectoryError('notFound', 'gone');
    };
    expect((await logIn()).shown).toMatchObject({ userName: null });
  });
});
