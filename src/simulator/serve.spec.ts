import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveSimulator, type ServeOptions, type Simulator, startSimulator } from './index.js';

const TOKEN = 'aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb';
let directory: string;
let running: { ending: AbortController; ended: Promise<void> }[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulator-'));
  running = [];
});
afterEach(async () => {
  for (const { ending } of running) ending.abort();
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(directory, { recursive: true });
});

/** Starts it alone; answers what it prints, and how to end it. */
async function serve(
  options: ServeOptions,
): Promise<{ url: string; token: string; end: () => Promise<void> }> {
  const ending = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  const printed = await new Promise<string>((resolve, reject) => {
    ended = serveSimulator(options, { out: resolve, signal: ending.signal });
    ended.catch(reject);
  });
  running.push({ ending, ended });
  const [, url = '', token = ''] = /URL\s+(\S+)\s+Token\s+(\S+)/.exec(printed) ?? [];
  const end = async (): Promise<void> => {
    ending.abort();
    await ended;
  };
  return { url, token, end };
}

/** Over a connection of its own, which no restart can cut. */
function post(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function whoAmI(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/api/v2/users/me`, { headers: { 'Coder-Session-Token': token } })).status;
}

describe('the simulator alone', () => {
  it('takes the token that it is given, on the command line or in a file, and plays a release', async () => {
    const first = await serve({ token: TOKEN, profile: 's-old' });
    expect([first.token, await whoAmI(first.url, TOKEN)]).toEqual([TOKEN, 200]);
    const info = await fetch(`${first.url}/api/v2/buildinfo`);
    expect(await info.json()).toMatchObject({ version: 'v2.3.0' });
    const file = join(directory, 'token');
    writeFileSync(file, `${TOKEN}\n`);
    expect((await serve({ tokenFile: file })).token).toBe(TOKEN);
    await expect(
      serveSimulator({ token: 'short' }, { out: () => undefined, signal: new AbortController().signal }),
    ).rejects.toThrow('22 characters');
  });

  it('keeps token, port, people and tables over a restart', async () => {
    const stateFile = join(directory, 'coder.jsonl');
    const first = await serve({ stateFile, scimSecret: 'hush' });
    expect(await post(`${first.url}/simulator/templates`, '{"name":"docker"}')).toBe(201);
    expect(await post(`${first.url}/simulator/login`, '{"email":"ann@x.io"}')).toBe(200);
    await first.end();
    const second = await serve({ stateFile });
    expect([second.url, second.token]).toEqual([first.url, first.token]);
    const headers = { 'Coder-Session-Token': second.token };
    const templates = await fetch(`${second.url}/api/v2/templates`, { headers });
    expect(await templates.json()).toMatchObject([{ name: 'docker' }]);
    const found = await fetch(`${second.url}/api/v2/users/ann`, { headers });
    expect(await found.json()).toMatchObject({ email: 'ann@x.io', status: 'active' });
    const scim = await fetch(`${second.url}/scim/v2/Users`, { headers: { Authorization: 'hush' } });
    expect(scim.status).toBe(200);
  });
});

describe('steering the simulator over HTTP', () => {
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = await startSimulator();
  });
  afterEach(() => simulator.close());

  async function steer(method: string, path: string, body: unknown): Promise<[number, unknown]> {
    const response = await fetch(`${simulator.url}/simulator${path}`, { method, body: JSON.stringify(body) });
    return [response.status, await response.json()];
  }

  it('logs people in, sets switches, and makes workspaces', async () => {
    expect(await steer('POST', '/login', { email: 'ann@x.io' })).toMatchObject([
      200,
      { user: { username: 'ann' }, token: expect.stringContaining('-') },
    ]);
    const switches = { profile: 'n26-scim2', oidc: { emailDomains: ['y.io'] } };
    expect(await steer('PATCH', '/switches', switches)).toMatchObject([200, switches]);
    expect(await steer('POST', '/login', { email: 'bob@x.io' })).toMatchObject([
      403,
      { message: expect.stringContaining('domain') },
    ]);
    await steer('POST', '/templates', { name: 'docker' });
    const workspace = { user: 'ann', name: 'dev', template: 'docker' };
    expect(await steer('POST', '/workspaces', workspace)).toMatchObject([201, { name: 'dev' }]);
  });

  it.each([
    ['PATCH', '/switches', { colour: 'red' }, 'no switch colour'],
    ['PATCH', '/switches', { rateLimit: 'many' }, 'must be a number'],
    ['PATCH', '/switches', { profile: 'b99' }, 'must be one of'],
    ['POST', '/workspaces', { user: 'nobody', template: 'none' }, 'no template none'],
  ])('refuses %s %s of %o', async (method, path, body, message) => {
    expect(await steer(method, path, body)).toMatchObject([
      400,
      { message: expect.stringContaining(message) },
    ]);
  });
});
