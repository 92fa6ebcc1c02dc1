import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Okta, oktaDress } from './okta.js';
import { inventCompany } from './people.js';
import { ScimClient } from './scim-client.js';
import { RecordingServer } from './testing/recording-server.js';

const [ann] = inventCompany(10, 2, 1).people as [ReturnType<typeof inventCompany>['people'][0]];
const GROUP = { key: 0, displayName: 'Platform & Tools', members: new Set<number>() };

let server: RecordingServer;
let okta: Okta;
beforeEach(async () => {
  server = await RecordingServer.start();
  okta = new Okta(new ScimClient(server.url, 'secret', oktaDress), 1);
});
afterEach(() => server.stop());

describe('Okta', () => {
  it('tests the connection by a short list, and one of groups', async () => {
    await okta.connect();
    expect(server.requests[0]?.headers).toMatchObject({
      'user-agent': 'Okta SCIM Client 1.0.0',
      accept: 'application/scim+json',
      'accept-charset': 'utf-8',
      'accept-encoding': 'gzip,deflate',
      authorization: 'Bearer secret',
    });
    expect(server.lines()).toEqual(['GET /Users?startIndex=1&count=2', 'GET /Groups?startIndex=1&count=100']);
  });

  it('looks for a person, and creates them with a password that nobody asked for', async () => {
    await okta.assign(ann);
    expect(server.requests[1]).toMatchObject({
      headers: { 'content-type': 'application/scim+json; charset=utf-8' },
      body: {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: 'ann@corp.example',
        name: { givenName: 'Ann', familyName: 'Lee' },
        emails: [{ primary: true, value: 'ann@corp.example', type: 'work' }],
        displayName: 'Ann Lee',
        locale: 'en-US',
        externalId: '00u000000000000001x0',
        groups: [],
        password: expect.any(String) as string,
        active: true,
      },
    });
    expect(server.lines()).toEqual([
      'GET /Users?filter=userName eq "ann@corp.example"&startIndex=1&count=100',
      'POST /Users',
    ]);
  });

  it('links a person who is there, sends back all that was answered, and activates them', async () => {
    const found = {
      id: 'u1',
      active: false,
      meta: { version: 'W/"1"' },
      nickName: 'Annie',
      name: { honorificPrefix: 'Dr' },
    };
    server.answers.set('/Users', [found]).set('/Users/u1', found);
    await okta.assign(ann);
    expect(server.requests[2]?.body).toMatchObject({
      id: 'u1',
      meta: { version: 'W/"1"' },
      nickName: 'Annie',
      name: { honorificPrefix: 'Dr', givenName: 'Ann', familyName: 'Lee' },
      active: false,
    });
    expect(server.requests[3]?.body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', value: { active: true } }],
    });
    expect(server.lines().slice(1)).toEqual(['GET /Users/u1', 'PUT /Users/u1', 'PATCH /Users/u1']);
  });

  it('deactivates by a PATCH without a path', async () => {
    await okta.assign(ann);
    server.lines();
    await okta.deactivate(ann);
    expect(server.requests[0]?.body).toMatchObject({
      Operations: [{ op: 'replace', value: { active: false } }],
    });
    expect(server.lines()).toEqual(['PATCH /Users/id-1']);
  });

  it('states the name of a group before each change of its members', async () => {
    await okta.assign(ann);
    server.lines();
    await okta.pushGroup(GROUP);
    await okta.addMembers(GROUP, [ann]);
    await okta.removeMembers(GROUP, [ann]);
    const rename = [{ op: 'replace', value: { id: 'id-2', displayName: 'Platform & Tools' } }];
    const operations = server.requests
      .slice(2)
      .map(({ body }) => (body as { Operations: unknown }).Operations);
    expect(operations).toEqual([
      rename,
      [{ op: 'add', path: 'members', value: [{ value: 'id-1', display: 'ann@corp.example' }] }],
      rename,
      [{ op: 'remove', path: 'members[value eq "id-1"]' }],
    ]);
    expect(server.lines().slice(0, 3)).toEqual([
      'GET /Groups?filter=displayName eq "Platform & Tools"',
      'POST /Groups',
      'PATCH /Groups/id-2',
    ]);
  });

  it('pushes a group again by replacing all members', async () => {
    await okta.assign(ann);
    await okta.repeatGroup(GROUP, [ann]);
    expect(server.requests.at(-1)?.body).toMatchObject({
      Operations: [{ op: 'replace', path: 'members', value: [{ value: 'id-1' }] }],
    });
  });
});
