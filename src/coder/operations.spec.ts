import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coderApi } from './api/index.js';
import { RejectedError, TransientError } from './errors.js';
import { httpCoderClient, type HttpCoderClient } from './http/http-client.js';
import { PathLimiter } from './http/limiter.js';
import { FakeCoder } from './testing/fake-coder.js';
import { FakeTime } from './testing/fake-time.js';
import { accessOperations } from './testing/operations/access.js';
import { operatingOperations } from './testing/operations/operating.js';
import type { Answered, Operation } from './testing/operations/operation.js';
import { peopleOperations } from './testing/operations/people.js';
import type { Transport } from './http/transport.js';

const OPERATIONS = [...peopleOperations, ...accessOperations, ...operatingOperations];

/** Opens a stream, and so has a spec of its own. */
const STREAM = 'serveProvisionerDaemon';

/** The operations of Coder's Enterprise reference, its two editions together. */
const REFERENCE = `
GET /appearance
PUT /appearance
GET /entitlements
GET /groups
GET /groups/{}
DELETE /groups/{}
PATCH /groups/{}
GET /integrations/jfrog/xray-scan
POST /integrations/jfrog/xray-scan
GET /licenses
DELETE /licenses/{}
PUT /notifications/templates/{}/method
GET /oauth2-provider/apps
POST /oauth2-provider/apps
GET /oauth2-provider/apps/{}
PUT /oauth2-provider/apps/{}
DELETE /oauth2-provider/apps/{}
GET /oauth2-provider/apps/{}/secrets
POST /oauth2-provider/apps/{}/secrets
DELETE /oauth2-provider/apps/{}/secrets/{}
POST /oauth2/authorize
POST /oauth2/tokens
DELETE /oauth2/tokens
GET /organizations/{}/groups
POST /organizations/{}/groups
GET /organizations/{}/groups/{}
GET /organizations/{}/members/{}/workspace-quota
GET /organizations/{}/provisionerdaemons
GET /organizations/{}/provisionerdaemons/serve
GET /organizations/{}/provisionerkeys
POST /organizations/{}/provisionerkeys
GET /organizations/{}/provisionerkeys/daemons
DELETE /organizations/{}/provisionerkeys/{}
GET /organizations/{}/settings/idpsync/groups
PATCH /organizations/{}/settings/idpsync/groups
GET /organizations/{}/settings/idpsync/roles
PATCH /organizations/{}/settings/idpsync/roles
GET /replicas
GET /scim/v2/Users
POST /scim/v2/Users
GET /scim/v2/Users/{}
PATCH /scim/v2/Users/{}
GET /templates/{}/acl
PATCH /templates/{}/acl
GET /templates/{}/acl/available
GET /users/{}/quiet-hours
PUT /users/{}/quiet-hours
GET /workspace-quota/{}
GET /workspaceproxies
POST /workspaceproxies
GET /workspaceproxies/{}
DELETE /workspaceproxies/{}
PATCH /workspaceproxies/{}`
  .trim()
  .split('\n');

type Functions = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

let coder: FakeCoder;
let client: HttpCoderClient;
const operations: string[] = [];

beforeEach(async () => {
  coder = await FakeCoder.start();
  const clock = new FakeTime();
  const limiter = new PathLimiter({ clock, workers: () => 1, random: () => 0 });
  operations.length = 0;
  client = httpCoderClient({
    url: coder.url,
    sessionToken: 'abcdefghij-0123456789012345678901',
    clock,
    limiter,
    onCall: ({ operation }) => operations.push(operation),
  });
});

afterEach(async () => {
  await client.close();
  await coder.close();
});

const call = ({ name, args }: Operation): Promise<unknown> =>
  (client as unknown as Functions)[name]!(...args);

function answerWith({ status, body, headers }: Answered): void {
  coder.responder = (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

function expectGiven(given: unknown, { gives }: Answered): void {
  if (typeof gives === 'object') expect(given).toMatchObject(gives as object);
  else expect(given).toBe(gives);
}

const rows = OPERATIONS.map((operation) => [operation.name, operation] as const);
const answers = OPERATIONS.flatMap((operation) =>
  operation.answers.map(
    (each, index) => [`${operation.name} (${each.status}, ${index + 1})`, operation, each] as const,
  ),
);

describe('the operations of the client', () => {
  it('are all walked here, and each once', () => {
    const names = Object.keys(coderApi({} as Transport)).filter((name) => name !== STREAM);
    expect(OPERATIONS.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it('are those of both editions of the Enterprise reference, and more', () => {
    const shape = (sends: string): string => sends.replace(/\?.*$/, '').replace(' /api/v2', ' ');
    // A value for the path is known by its slash; a licence by its number.
    const known = new Set(
      OPERATIONS.map(({ sends }) => shape(sends).replace(/\/[^/]*%2F[^/]*|\/\d+(?=$)/g, '/{}')),
    );
    known.add('GET /organizations/{}/provisionerdaemons/serve');
    expect(REFERENCE).toHaveLength(53);
    expect(REFERENCE.filter((line) => !known.has(line))).toEqual([]);
  });

  it.each(answers)(
    '%s: sends what the API takes, and reads what it answers',
    async (_name, operation, each) => {
      answerWith(each);
      expectGiven(await call(operation), each);
      expect(coder.seen).toHaveLength(1);
      const { method, url, body } = coder.seen[0]!;
      expect(`${method} ${url}`).toBe(operation.sends);
      const sent: unknown =
        body === '' || typeof operation.body === 'string' ? body || undefined : JSON.parse(body);
      expect(sent).toEqual(operation.body);
    },
  );

  it.each(answers)('%s: ignores what a newer version adds', async (_name, operation, each) => {
    answerWith({ ...each, body: withMore(each.body) });
    expectGiven(await call(operation), each);
  });

  it.each(rows)('%s: is told under a name without ids', async (_name, operation) => {
    answerWith(operation.answers[0]!);
    await call(operation);
    expect(operations).toHaveLength(1);
    expect(operations[0]).toMatch(/^(GET|POST|PUT|PATCH|DELETE) \/[\w/{}-]+$/);
    expect(operations[0]).not.toContain('/1');
  });

  it.each(rows)('%s: takes a login page for no answer', async (_name, operation) => {
    answerWith({ status: 200, body: '<html>Sign in</html>', gives: undefined });
    await expect(call(operation)).rejects.toBeInstanceOf(TransientError);
  });

  const telling = rows.filter(
    ([
      ,
      {
        answers: [first],
      },
    ]) => typeof first?.gives === 'object',
  );
  it.each(telling)(
    '%s: takes an empty success for no answer, and not for an empty list',
    async (_name, operation) => {
      answerWith({ status: 200, body: undefined, gives: undefined });
      await expect(call(operation)).rejects.toBeInstanceOf(TransientError);
    },
  );

  const withPath = rows.filter(([, { args }]) => args.some((arg) => isPathValue(arg)));
  it.each(withPath)('%s: sends nothing for a value that would lead elsewhere', async (_name, operation) => {
    const args = operation.args.map((arg) => (isPathValue(arg) ? '..' : arg));
    await expect(call({ ...operation, args })).rejects.toBeInstanceOf(RejectedError);
    expect(coder.seen).toEqual([]);
  });
});

const isPathValue = (arg: unknown): boolean => typeof arg === 'string' && arg.includes('/');

/** The answer with a field more in each object that is no map. */
function withMore(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withMore);
  return typeof body === 'object' && body !== null ? { ...body, added_later: { deep: [1] } } : body;
}
