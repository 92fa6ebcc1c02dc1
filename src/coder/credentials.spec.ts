import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuthError, CoderError, GoneError, RejectedError, ThrottledError, TransientError } from './errors.js';
import { httpCoderClient, type HttpCoderClient } from './http/http-client.js';
import { PathLimiter } from './http/limiter.js';
import { FakeCoder } from './testing/fake-coder.js';
import { FakeTime } from './testing/fake-time.js';

const TOKEN = 'abcdefghij-0123456789012345678901';
const SECRET = 'scim-secret-of-coder';
let coder: FakeCoder;
let client: HttpCoderClient;

function connect(url: string, perMinute?: number): HttpCoderClient {
  const clock = new FakeTime();
  const limiter = new PathLimiter({
    clock,
    workers: () => 1,
    random: () => 0,
    ...(perMinute && { perMinute }),
  });
  return httpCoderClient({ url, sessionToken: TOKEN, clock, limiter, timeoutMs: 2_000 });
}

beforeEach(async () => {
  coder = await FakeCoder.start();
  client = connect(coder.url);
});

afterEach(async () => {
  await client.close();
  await coder.close();
});

async function failure(call: Promise<unknown>): Promise<CoderError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CoderError);
  return error as CoderError;
}

describe("Coder's own SCIM server", () => {
  it('gets its secret as a bearer token, and never the session token', async () => {
    coder.answer(200, { totalResults: 0 });
    await client.scimListUsers(SECRET);
    const { headers } = coder.seen[0]!;
    expect(headers.authorization).toBe(`Bearer ${SECRET}`);
    expect(headers['coder-session-token']).toBeUndefined();
  });

  it('refusing its secret says nothing about the session token', async () => {
    coder.answer(401, { schemas: [], status: 401, detail: `Not ${SECRET}` });
    const error = await failure(client.scimListUsers(SECRET));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).not.toBeInstanceOf(AuthError);
    expect(error.status).toBe(401);
  });

  it('tells in the error what it said, without the secret', async () => {
    coder.answer(400, { schemas: [], status: 400, scimType: 'invalidId', detail: `No id in ${SECRET}` });
    expect((await failure(client.scimGetUser(SECRET, 'x'))).message).toContain('400: No id in [token]');
  });

  it('says that somebody is not there', async () => {
    coder.answer(404, { schemas: [], status: 404, detail: 'Resource not found' });
    expect(await failure(client.scimGetUser(SECRET, 'x'))).toBeInstanceOf(GoneError);
  });
});

describe("Coder's OAuth2 server", () => {
  it('gets the credentials of the app as a form, and no session token', async () => {
    coder.answer(200, { access_token: 't' });
    await client.exchangeOAuth2Token({ grant_type: 'refresh_token', refresh_token: 'r&=1' });
    const { headers, body } = coder.seen[0]!;
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(headers['coder-session-token']).toBeUndefined();
    expect(body).toBe('grant_type=refresh_token&refresh_token=r%26%3D1');
  });

  it('hides what it repeats of them', async () => {
    coder.answer(401, { error: 'invalid_client', error_description: 'No client with app-secret' });
    const error = await failure(
      client.exchangeOAuth2Token({ grant_type: 'authorization_code', client_secret: 'app-secret' }),
    );
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.message).toContain('401: No client with [token]');
  });

  it('leads elsewhere, and nobody follows', async () => {
    coder.answer(302, '', { location: `${coder.url}/elsewhere` });
    const request = { client_id: 'a', state: 's', response_type: 'code' } as const;
    expect(await client.authorizeOAuth2(request)).toBe(`${coder.url}/elsewhere`);
    expect(coder.seen).toHaveLength(1);
  });
});

describe('the socket of a provisioner daemon', () => {
  let server: Server;
  const seen: string[] = [];
  const headers: Record<string, unknown>[] = [];
  const sockets: Duplex[] = [];

  beforeEach(async () => {
    seen.length = 0;
    headers.length = 0;
    server = createServer();
    server.on('upgrade', (request, socket) => {
      seen.push(request.url ?? '');
      headers.push(request.headers);
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello',
      );
      socket.on('error', () => undefined);
      sockets.push(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await client.close();
    client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is open after the handshake, with what was said already', async () => {
    const stream = await client.serveProvisionerDaemon('o/1', { provisioner: 'terraform' });
    const said = await new Promise((resolve) => stream.once('data', resolve));
    stream.destroy();
    expect(String(said)).toBe('hello');
    expect(seen).toEqual(['/api/v2/organizations/o%2F1/provisionerdaemons/serve?provisioner=terraform']);
    expect(headers[0]).toMatchObject({ 'coder-session-token': TOKEN, upgrade: 'websocket' });
  });

  it('that Coder refuses is an error like any other', async () => {
    await client.close();
    client = connect(coder.url);
    coder.answer(403, { message: 'External provisioners is an Enterprise feature. Contact sales!' });
    const error = await failure(client.serveProvisionerDaemon('o1', {}));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.operation).toBe('GET /organizations/{organization}/provisionerdaemons/serve');
    coder.answer(401, { message: 'No.' });
    expect(await failure(client.serveProvisionerDaemon('o2', {}))).toBeInstanceOf(AuthError);
  });

  it('counts against the limit of its path', async () => {
    await client.close();
    client = connect(coder.url, 1);
    coder.answer(403, { message: 'No.' });
    await failure(client.serveProvisionerDaemon('o1', {}));
    expect(await failure(client.serveProvisionerDaemon('o1', {}))).toBeInstanceOf(ThrottledError);
  });

  it('is not open where nobody listens', async () => {
    await client.close();
    await coder.close();
    client = connect(coder.url);
    expect(await failure(client.serveProvisionerDaemon('o1', {}))).toBeInstanceOf(TransientError);
    coder = await FakeCoder.start();
  });
});
