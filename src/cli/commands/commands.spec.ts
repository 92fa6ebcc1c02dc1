import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Backend, RequestFilter, WireRequest } from './backend.js';
import { runCommand } from './program.js';

const REQUEST: WireRequest = {
  id: 1,
  at: '2026-01-02T03:04:05.678Z',
  connection: 'okta',
  requestId: 'r-1',
  method: 'GET',
  path: '/scim/v2/Users',
  filter: 'userName eq "?"',
  status: 200,
  scimType: null,
  detail: null,
  ms: 12.3,
  who: 'production',
  userAgent: null,
  body: null,
};

/** A backend that notes what it was asked. */
function backendOf(answers: readonly (readonly WireRequest[])[] = []) {
  const asked: unknown[] = [];
  const backend: Backend = {
    createToken: async (connection, label, expires) => {
      asked.push(['create', connection, label, expires]);
      return { id: 'id-1', token: 'idpb_secret', connection, label, expiresAt: null };
    },
    listTokens: async (connection) => {
      asked.push(['list', connection]);
      return [
        {
          id: 'id-1',
          connection: 'okta',
          label: 'a\u001b[2Jb',
          kind: 'issued',
          state: 'active',
          createdAt: '2026-01-02T03:04:05.678Z',
          expiresAt: null,
          lastUsedAt: '2026-01-03T03:04:05.678Z',
        },
      ];
    },
    revokeToken: async (id) => {
      asked.push(['revoke', id]);
    },
    requests: async (filter: RequestFilter) => {
      const { length } = asked;
      asked.push(['requests', filter]);
      return answers[length] ?? [];
    },
    pause: async (connection) => {
      asked.push(['pause', connection]);
      return { connection, pausedAt: '2026-01-02T03:04:05.678Z', changed: asked.length < 3, waiting: 7 };
    },
    resume: async (connection) => {
      asked.push(['resume', connection]);
      return { connection, pausedAt: null, changed: asked.length < 5, waiting: 7 };
    },
    adoption: async () => ({ matches: [], compared: 0, next: null }),
    approveAdoptions: async () => ({ approved: [], unknown: [], ambiguous: [] }),
    receipt: () => Promise.reject(new Error('no receipt here')),
    explain: () => Promise.reject(new Error('not asked for here')),
    rules: async () => ({ connections: [] }),
    checkRules: async () => [],
    changeRules: async () => [],
    close: async () => {
      asked.push('close');
    },
  };
  return { backend, asked };
}

async function run(argv: readonly string[], backend: Backend, signal = new AbortController().signal) {
  let out = '';
  let error = '';
  await runCommand(argv, {
    open: async () => backend,
    out: (text) => (out += text),
    error: (text) => (error += text),
    signal,
    followMs: 1,
  });
  return { out, error };
}

describe('the command line', () => {
  it('prints a new token alone, so that a script can take it', async () => {
    const { backend, asked } = backendOf();
    const argv = ['token', 'create', '--connection', 'okta', '--label', 'production', '--expires', '90d'];
    const { out, error } = await run(argv, backend);
    expect(out).toBe('idpb_secret\n');
    expect(error).toMatch(/"production"; it ends never.\nIt is shown only this once/);
    expect(asked).toEqual([['create', 'okta', 'production', '90d'], 'close']);
    expect(JSON.parse((await run([...argv, '--json'], backend)).out)).toMatchObject({ token: 'idpb_secret' });
  });

  it('lists tokens, and lets none of them steer the terminal', async () => {
    const { backend } = backendOf();
    const { out } = await run(['token', 'list'], backend);
    expect(out.split('\n')).toEqual([
      'ID    CONNECTION  LABEL   KIND    STATE   CREATED            EXPIRES  LAST USED',
      'id-1  okta        a?[2Jb  issued  active  2026-01-02 03:04Z  never    2026-01-03 03:04Z',
      '',
    ]);
    expect(JSON.parse((await run(['token', 'list', '--json'], backend)).out)).toHaveLength(1);
  });

  it('ends a token', async () => {
    const { backend, asked } = backendOf();
    expect((await run(['token', 'revoke', 'id-1'], backend)).out).toBe('Token id-1 has ended.\n');
    expect(asked).toEqual([['revoke', 'id-1'], 'close']);
  });

  it('pauses and resumes a connection, and says how much waits', async () => {
    const { backend, asked } = backendOf();
    const said = async (...argv: string[]) => (await run(argv, backend)).out;
    expect(await said('pause', 'okta')).toBe('Connection okta is paused; users and groups that wait: 7.\n');
    expect(await said('resume', 'okta')).toBe(
      'Connection okta goes on; users and groups that are taken up: 7.\n',
    );
    expect(await said('pause', 'okta')).toMatch(/was paused already, since 2026-01-02/);
    expect(await said('resume', 'okta')).toBe('Connection okta was not paused.\n');
    expect(JSON.parse(await said('pause', 'okta', '--json'))).toMatchObject({ waiting: 7 });
    expect(asked.filter((one) => one !== 'close')).toHaveLength(5);
  });

  it('shows requests, the newest last, and why they were refused', async () => {
    const refused = {
      ...REQUEST,
      id: 2,
      status: 409,
      method: 'POST',
      filter: null,
      who: null,
      scimType: 'uniqueness',
      detail: 'userName is taken',
    };
    const { backend, asked } = backendOf([[refused, REQUEST]]);
    const { out } = await run(
      ['requests', '--connection', 'okta', '--status', '4xx', '--since', '1h'],
      backend,
    );
    expect(out.split('\n')).toEqual([
      '2026-01-02T03:04:05.678Z  okta  200  GET /scim/v2/Users  filter: userName eq "?"  12 ms  production',
      '2026-01-02T03:04:05.678Z  okta  409  POST /scim/v2/Users  12 ms  (no good token)',
      '    uniqueness: userName is taken',
      '',
    ]);
    expect(asked).toEqual([['requests', { connection: 'okta', status: '4xx', since: '1h' }], 'close']);
  });

  it('follows what comes, until it is interrupted, and shows nothing twice', async () => {
    const ending = new AbortController();
    const next = (id: number) => ({ ...REQUEST, id });
    const { backend, asked } = backendOf([[next(2), next(1)], [], [next(3), next(4)], [next(5)]]);
    const counting: Backend = {
      ...backend,
      requests: async (filter) => {
        const answer = await backend.requests(filter);
        if (asked.length === 4) ending.abort();
        return answer;
      },
    };
    const { out } = await run(['requests', '--follow', '--json', '--since', '1h'], counting, ending.signal);
    const ids = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: number }).id);
    expect(ids).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toEqual([
      ['requests', { since: '1h' }],
      ['requests', { after: '2' }],
      ['requests', { after: '2' }],
      ['requests', { after: '4' }],
      'close',
    ]);
  });

  it.each([[['pause']], [['token', 'create']], [['nonsense']], [['--url', 'ftp://x', 'token', 'list']]])(
    'complains of %j',
    async (argv) => {
      await expect(run(argv, backendOf().backend)).rejects.toThrow(CommanderError);
    },
  );
});
