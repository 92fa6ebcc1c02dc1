import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenIdProvider } from '../../../test/support/openid-provider.js';
import { systemClock, type JsonObject } from '../../common/index.js';
import { readerOf } from '../../../test/support/claim-reader.js';

const OID = '3f1f5b0e-1f5e-4b8e-9c55-0d2f4a6b7c8d';

/** Microsoft Graph and its token endpoint, as far as they are asked. */
class Graph {
  readonly asked: { readonly path: string; readonly authorization: string; readonly body: string }[] = [];
  answer: { readonly status: number; readonly body: unknown } = {
    status: 200,
    body: { value: ['g-1', 'g-2'] },
  };
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Graph> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const graph = new Graph(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const [path, body] = [request.url ?? '', Buffer.concat(chunks).toString()];
        graph.asked.push({ path, authorization: request.headers.authorization ?? '', body });
        const { status, body: answer } =
          path === '/token'
            ? { status: 200, body: { access_token: `token-${graph.asked.length}`, expires_in: 3_600 } }
            : graph.answer;
        const location = status === 302 ? { location: '/planted' } : {};
        response.writeHead(status, { 'content-type': 'application/json', ...location });
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    });
    return graph;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

describe('groups that are too many for a token', () => {
  let provider: OpenIdProvider;
  let graph: Graph;
  beforeAll(async () => {
    provider = await OpenIdProvider.start();
  });
  afterAll(() => provider?.stop());
  beforeEach(async () => {
    graph = await Graph.start();
  });
  afterEach(() => graph.stop());

  const reader = () =>
    readerOf(provider.issuer, systemClock, {
      graph: {
        url: `${graph.url}/v1.0`,
        tokenEndpoint: `${graph.url}/token`,
        clientId: 'bridge',
        clientSecret: 'the secret & all',
        securityEnabledOnly: true,
      },
    });
  /** As Entra ID has it, with a source that nobody must ask. */
  const overage = (claims: JsonObject = {}) =>
    provider.sign({
      oid: OID,
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: `${graph.url}/planted` } },
      ...claims,
    });
  const UNREADABLE = {
    groups: expect.stringMatching(/too many values, and Microsoft Graph did not/) as string,
  };

  it('are asked of the configured Graph, and never of the URL in the token', async () => {
    const statement = await reader().read({ idToken: await overage() });
    expect(statement).toMatchObject({ claims: { groups: ['g-1', 'g-2'] }, unreadable: {} });
    expect(graph.asked).toEqual([
      {
        path: '/token',
        authorization: '',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: 'bridge',
          client_secret: 'the secret & all',
          scope: `${graph.url}/.default`,
        }).toString(),
      },
      {
        path: `/v1.0/users/${OID}/getMemberGroups`,
        authorization: 'Bearer token-1',
        body: '{"securityEnabledOnly":true}',
      },
    ]);
  });

  it('are unreadable without a Graph, and nobody is asked', async () => {
    const statement = await readerOf(provider.issuer, systemClock).read({ idToken: await overage() });
    expect(statement.claims).not.toHaveProperty('groups');
    expect(statement.unreadable).toEqual({ groups: expect.stringMatching(/too many values$/) as string });
    expect(graph.asked).toEqual([]);
  });

  it('are asked with one token for many people, and with a new one when that is refused', async () => {
    const one = reader();
    for (let n = 0; n < 3; n++) await one.read({ idToken: await overage() });
    expect(graph.asked.filter(({ path }) => path === '/token')).toHaveLength(1);
    graph.answer = { status: 401, body: {} };
    expect((await one.read({ idToken: await overage() })).unreadable).toEqual(UNREADABLE);
    graph.answer = { status: 200, body: { value: [] } };
    expect((await one.read({ idToken: await overage() })).claims).toMatchObject({ groups: [] });
    expect(graph.asked.filter(({ path }) => path === '/token')).toHaveLength(2);
  });

  it.each<readonly [string, number, unknown]>([
    ['403', 403, { error: { code: 'Authorization_RequestDenied' } }],
    ['too many even for Graph', 400, { error: { code: 'Directory_ResultSizeLimitExceeded' } }],
    ['500', 500, ''],
    ['no JSON', 200, '<html>'],
    ['no list', 200, { value: 'g-1' }],
    ['a list of something else', 200, { value: [{ id: 'g-1' }] }],
    ['a part', 200, { value: ['g-1'], '@odata.nextLink': 'https://graph.example/next' }],
    ['a redirect', 302, ''],
    ['more than anybody reads', 200, { value: ['x'.repeat(2_000_000)] }],
  ])('are unreadable, and never none, when Graph answers %s', async (_what, status, body) => {
    graph.answer = { status, body };
    const statement = await reader().read({ idToken: await overage() });
    expect(statement.claims).not.toHaveProperty('groups');
    expect(statement.unreadable).toEqual(UNREADABLE);
    expect(graph.asked.map(({ path }) => path)).not.toContain('/planted');
  });

  it.each(['../../admin', '', 'a/b', undefined, 7])(
    'are not asked for a person of the object id %s',
    async (oid) => {
      const statement = await reader().read({ idToken: await overage({ oid } as JsonObject) });
      expect(statement.unreadable).toEqual(UNREADABLE);
      expect(graph.asked).toEqual([]);
    },
  );

  it('are the token’s where it has them', async () => {
    const statement = await reader().read({ idToken: await overage({ groups: ['own'] }) });
    expect(statement).toMatchObject({ claims: { groups: ['own'] }, unreadable: {} });
    expect(graph.asked).toEqual([]);
  });
});
