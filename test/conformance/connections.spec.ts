import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/telemetry/index.js';
import {
  groupBody,
  patchOp,
  SCIM_TOKEN,
  startTestBridge,
  userBody,
  type TestBridge,
} from '../support/bridge.js';
import { configFile } from '../support/config-file.js';

const A = 'a-token-of-the-first-connection';
const B = 'a-token-of-the-second-connection';
const FILE = `
connections:
  - { name: alpha, tokens: [{ label: a, secret: ${A} }] }
  - { name: beta, tokens: [{ label: b, secret: ${B} }], dialects: { okta-post-again: true } }
`;

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- taken apart by expectations
}

/** Asks under a path of the bridge. */
async function ask(
  bridge: TestBridge,
  method: string,
  path: string,
  token: string | null,
  body?: unknown,
): Promise<Asked> {
  const response = await fetch(bridge.scim.base.replace('/scim/v2', '') + path, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? {} : JSON.parse(text),
  };
}

describe('several connections', () => {
  let bridge: TestBridge;
  let file: Awaited<ReturnType<typeof configFile>>;
  /** Ids of what each connection has: a user and a group of the same names, with the user in it. */
  const ids = { alpha: { user: '', group: '' }, beta: { user: '', group: '' } };
  const alpha = (method: string, path: string, body?: unknown, token = A) =>
    ask(bridge, method, `/connections/alpha/scim/v2${path}`, token, body);
  const beta = (method: string, path: string, body?: unknown, token = B) =>
    ask(bridge, method, `/connections/beta/scim/v2${path}`, token, body);

  beforeAll(async () => {
    file = await configFile(FILE);
    bridge = await startTestBridge({ env: { BRIDGE_CONFIG: file.path } });
    for (const [name, request] of [
      ['alpha', alpha],
      ['beta', beta],
    ] as const) {
      // The names are the same, the addresses are not: in Coder they are two people.
      const emails = [{ value: `ada@${name}.example`, primary: true }];
      const user = await request('POST', '/Users', userBody('ada', { externalId: 'e-1', emails }));
      expect(user.status).toBe(201);
      const group = await request(
        'POST',
        '/Groups',
        groupBody('Team', [user.body.id], { externalId: 'g-1' }),
      );
      expect(group.status).toBe(201);
      ids[name] = { user: user.body.id, group: group.body.id };
    }
  });
  afterAll(async () => {
    await bridge?.close();
    await file?.remove();
  });

  it('have a base each, and the first one is also at /scim/v2', async () => {
    const short = await ask(bridge, 'GET', `/scim/v2/Users/${ids.alpha.user}`, A);
    const long = await alpha('GET', `/Users/${ids.alpha.user}`);
    expect([short.status, long.status]).toEqual([200, 200]);
    expect(short.body.meta.location).toMatch(/:\d+\/scim\/v2\/Users\//);
    expect(long.body.meta.location).toMatch(/:\d+\/connections\/alpha\/scim\/v2\/Users\//);
    expect((await beta('GET', '/ServiceProviderConfig')).body.meta.location).toContain('/connections/beta/');
    expect((await ask(bridge, 'GET', '/scim/v2/Users', SCIM_TOKEN)).status).toBe(200);
  });

  it('build every address on the base that was asked', async () => {
    const texts = await Promise.all([
      beta('GET', '/Users'),
      beta('GET', `/Users/${ids.beta.user}`),
      beta('GET', `/Groups/${ids.beta.group}`),
      beta('GET', '/Schemas'),
      beta('GET', '/ResourceTypes'),
      beta('POST', '/.search', {}),
    ]);
    for (const { text } of texts) {
      const addresses = text.match(/https?:\/\/127\.0\.0\.1[^"]*/g) ?? [];
      expect(addresses.length).toBeGreaterThan(0);
      for (const address of addresses) expect(address).toContain('/connections/beta/scim/v2/');
    }
  });

  it('refuse the token of another connection in every operation [C6]', async () => {
    const { user, group } = ids.beta;
    const requests = [
      ['GET', '/Users'],
      ['GET', `/Users/${user}`],
      ['POST', '/Users', userBody('eve')],
      ['PUT', `/Users/${user}`, userBody('eve')],
      ['PATCH', `/Users/${user}`, patchOp({ op: 'replace', path: 'active', value: false })],
      ['DELETE', `/Users/${user}`],
      ['GET', '/Groups'],
      ['GET', `/Groups/${group}`],
      ['PATCH', `/Groups/${group}`, patchOp({ op: 'remove', path: 'members' })],
      ['DELETE', `/Groups/${group}`],
      ['POST', '/.search', {}],
      ['POST', '/Users/.search', {}],
      ['POST', '/Bulk', { Operations: [] }],
      ['GET', '/Schemas'],
      ['GET', '/nothing'],
      ['DELETE', '/Users'],
    ] as const;
    const unknown = await beta('GET', '/Users', undefined, 'a-token-that-nobody-has');
    for (const [method, path, body] of requests) {
      const crossed = await beta(method, path, body, A);
      expect([method, path, crossed.status]).toEqual([method, path, 401]);
      // Nothing tells it from a token that nobody has.
      expect(crossed.text).toBe(unknown.text);
    }
    expect((await ask(bridge, 'GET', '/scim/v2/Users', B)).text).toBe(unknown.text);
    expect((await ask(bridge, 'GET', '/connections/gamma/scim/v2/Users', A)).text).toBe(unknown.text);
    expect((await ask(bridge, 'GET', '/connections/gamma/scim/v2/nothing', A)).text).toBe(unknown.text);
  });

  it('show each other nothing, whatever way it is asked for [C6]', async () => {
    const { user, group } = ids.beta;
    for (const path of [`/Users/${user}`, `/Groups/${group}`]) {
      expect((await alpha('GET', path)).status).toBe(404);
      expect((await alpha('PUT', path, { ...userBody('x'), ...groupBody('x') })).status).toBe(404);
      expect(
        (await alpha('PATCH', path, patchOp({ op: 'replace', value: { externalId: 'x' } }))).status,
      ).toBe(404);
      expect((await alpha('DELETE', path)).status).toBe(404);
    }
    const found = async (path: string, body?: unknown): Promise<string[]> => {
      const answer = await alpha(body === undefined ? 'GET' : 'POST', path, body);
      expect(answer.status).toBe(200);
      return answer.body.Resources.map(({ id }: { id: string }) => id);
    };
    const own = [ids.alpha.user];
    expect(await found('/Users')).toEqual(own);
    expect(await found('/Users?filter=userName eq "ada"')).toEqual(own);
    expect(await found('/Users?filter=externalId eq "e-1"')).toEqual(own);
    expect(await found('/Users?filter=emails.value ew "beta.example"')).toEqual([]);
    expect(await found(`/Users?filter=id eq "${user}"`)).toEqual([]);
    expect(await found(`/Users?filter=groups.value eq "${group}"`)).toEqual([]);
    expect(await found('/Users?filter=not (userName eq "nobody")')).toEqual(own);
    expect(await found('/Users?sortBy=userName')).toEqual(own);
    expect(await found(`/Groups?filter=id eq "${group}" or members eq "${user}"`)).toEqual([]);
    expect(await found('/Groups?filter=displayName eq "Team"')).toEqual([ids.alpha.group]);
    expect(await found('/Users/.search', { filter: 'userName pr' })).toEqual(own);
    expect((await found('/.search', {})).toSorted()).toEqual([ids.alpha.user, ids.alpha.group].toSorted());
  });

  it("take none of each other's users for members [C6]", async () => {
    const { user } = ids.beta;
    const path = `/Groups/${ids.alpha.group}`;
    const refused = [
      await alpha('POST', '/Groups', groupBody('Stolen', [user])),
      await alpha('PUT', path, groupBody('Team', [user])),
      await alpha('PATCH', path, patchOp({ op: 'add', path: 'members', value: [{ value: user }] })),
      await alpha('PATCH', path, patchOp({ op: 'replace', path: 'members', value: [{ value: user }] })),
    ];
    for (const { status, body } of refused) expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    const bulk = await alpha('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'PATCH', path, data: patchOp({ op: 'add', path: 'members', value: [{ value: user }] }) },
        { method: 'DELETE', path: `/Users/${user}` },
        { method: 'PUT', path: `/Groups/${ids.beta.group}`, data: groupBody('Mine') },
      ],
    });
    expect(bulk.body.Operations.map(({ status }: { status: string }) => status)).toEqual([
      '400',
      '404',
      '404',
    ]);
    // Removing somebody who is no member is no error, and touches nobody.
    const removal = patchOp({ op: 'remove', path: `members[value eq "${user}"]` });
    expect((await alpha('PATCH', path, removal)).status).toBe(204);
    expect((await beta('GET', `/Groups/${ids.beta.group}`)).body.members).toHaveLength(1);
    expect((await alpha('GET', path)).body.members).toEqual([
      expect.objectContaining({ value: ids.alpha.user }),
    ]);
  });

  it("walk no further with each other's cursors [C6]", async () => {
    const made = ['c-1', 'c-2', 'c-3'].map((name) => beta('POST', '/Users', userBody(name)));
    for (const { status } of await Promise.all(made)) expect(status).toBe(201);
    const first = await beta('GET', '/Users?cursor=&count=2');
    const cursor = encodeURIComponent(first.body.nextCursor);
    expect((await beta('GET', `/Users?cursor=${cursor}&count=2`)).body.Resources).toHaveLength(2);
    const crossed = await alpha('GET', `/Users?cursor=${cursor}&count=2`);
    const shown = JSON.stringify(crossed.body.Resources ?? []);
    expect(shown).not.toContain('c-');
    expect(shown).not.toContain(ids.beta.user);
  });

  it('accept the deviations that each asks for', async () => {
    const again = async (request: typeof alpha) => {
      const { body } = await request('POST', '/Users', userBody('back', { externalId: 'e-back' }));
      await request('PATCH', `/Users/${body.id}`, patchOp({ op: 'replace', path: 'active', value: false }));
      return (await request('POST', '/Users', userBody('back', { externalId: 'e-back' }))).status;
    };
    expect(await again(alpha)).toBe(409);
    expect([200, 201]).toContain(await again(beta));
  });
});

describe('a connection that is configured no more', () => {
  it('keeps its data, answers nobody, is said to be out of use, and comes back as it was', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bridge-retired-'));
    const file = await configFile(FILE);
    const lines: string[] = [];
    const log = createLog({ level: 'warn', destination: { write: (line: string) => void lines.push(line) } });
    const start = () => startTestBridge({ dataDir, log, env: { BRIDGE_CONFIG: file.path } });
    const users = (bridge: TestBridge, name: string, token: string) =>
      ask(bridge, 'GET', `/connections/${name}/scim/v2/Users`, token);
    let bridge = await start();
    try {
      await ask(bridge, 'POST', '/connections/beta/scim/v2/Users', B, userBody('ada'));
      await bridge.untilSettled();
      await bridge.close();

      await file.write(FILE.replace(/ {2}- \{ name: beta.*\n/, ''));
      bridge = await start();
      expect((await users(bridge, 'beta', B)).status).toBe(401);
      expect((await users(bridge, 'alpha', A)).body.totalResults).toBe(0);
      expect(lines.join('')).toMatch(
        /connection beta is configured no more.*nothing of it is deleted; its 1 users/,
      );
      await bridge.close();

      // Back under another name.
      await file.write(FILE.replace('name: beta', 'name: gamma, formerly: beta'));
      bridge = await start();
      expect((await users(bridge, 'gamma', B)).body.totalResults).toBe(1);
      expect((await users(bridge, 'beta', B)).status).toBe(401);
    } finally {
      await bridge.close();
      await file.remove();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
