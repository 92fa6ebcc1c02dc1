import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Entra, entraDress } from './entra.js';
import { inventCompany } from './people.js';
import { ScimClient, ScimRefusal } from './scim-client.js';
import { RecordingServer } from './testing/recording-server.js';

type Person = ReturnType<typeof inventCompany>['people'][0];

const [ann, other] = inventCompany(10, 2, 1).people as [Person, Person];
const GROUP = { key: 0, displayName: 'Platform', members: new Set<number>() };
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let server: RecordingServer;
let entra: Entra;
beforeEach(async () => {
  server = await RecordingServer.start();
  entra = new Entra(new ScimClient(server.url, 'secret', entraDress), 1);
});
afterEach(() => server.stop());

/** The operations of the last PATCH. */
const operations = (): unknown =>
  (server.requests.at(-1)?.body as { Operations?: unknown } | undefined)?.Operations;

describe('Microsoft Entra ID', () => {
  it('tests the connection by looking for somebody who cannot exist', async () => {
    await entra.connect();
    const [user, group] = server.lines();
    expect(user?.replace(/"(.+)"/, (_, id: string) => (GUID.test(id) ? 'guid' : id))).toBe(
      'GET /Users?filter=userName eq guid',
    );
    expect(group).toMatch(/^GET \/Groups\?excludedAttributes=members&filter=displayName eq "/);
  });

  it('looks for a person before and after creating them', async () => {
    await entra.assign(ann);
    expect(server.requests[1]?.body).toMatchObject({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
      externalId: expect.stringMatching(GUID) as string,
      active: true,
      displayName: 'Ann Lee',
      name: { formatted: 'Ann Lee', familyName: 'Lee', givenName: 'Ann' },
      roles: [],
      meta: { resourceType: 'User' },
    });
    const lookUp = 'GET /Users?filter=userName eq "ann@corp.example"';
    expect(server.lines()).toEqual([lookUp, 'POST /Users', lookUp]);
  });

  it('brings a person who is there up to date, and activates them by a text', async () => {
    server.answers.set('/Users', [{ id: 'u1', active: false }]);
    await entra.assign(ann);
    expect(operations()).toContainEqual({ op: 'Replace', path: 'active', value: 'True' });
    expect(operations()).toContainEqual({
      op: 'Replace',
      path: 'emails[type eq "work"].value',
      value: ann.email,
    });
    expect(server.lines()[1]).toBe('PATCH /Users/u1');
  });

  it('sets the manager in a second pass, when it is not set yet', async () => {
    await entra.assign(other);
    await entra.assign(ann);
    server.lines();
    await entra.linkManagers({ ...ann, manager: other.key });
    expect(operations()).toEqual([{ op: 'Add', path: `${ENTERPRISE}:manager`, value: 'id-1' }]);
    expect(server.lines()).toEqual([
      `GET /Users?filter=id eq "id-2" and ${ENTERPRISE}:manager eq "id-1"&attributes=id`,
      'PATCH /Users/id-2',
    ]);
    server.answers.set('/Users', [{ id: 'id-2' }]);
    await entra.linkManagers({ ...ann, manager: other.key });
    expect(server.lines()).toHaveLength(1);
  });

  it('sends the attributes that differ, an operation each', async () => {
    await entra.assign(ann);
    server.answers.set('/Users/id-1', {
      id: 'id-1',
      userName: 'ann@corp.example',
      displayName: 'Ann Lee',
      name: { givenName: 'Ann', familyName: 'Lee', formatted: 'Ann Lee' },
    });
    await entra.updateProfile({ ...ann, familyName: 'King' });
    expect(operations()).toEqual([
      { op: 'Replace', path: 'displayName', value: 'Ann King' },
      { op: 'Replace', path: 'name.familyName', value: 'King' },
      { op: 'Replace', path: 'name.formatted', value: 'Ann King' },
    ]);
  });

  it('deactivates by a text, having looked', async () => {
    await entra.assign(ann);
    server.answers.set('/Users/id-1', { id: 'id-1' });
    server.lines();
    await entra.deactivate(ann);
    expect(operations()).toEqual([{ op: 'Replace', path: 'active', value: 'False' }]);
    expect(server.lines()).toEqual(['GET /Users/id-1', 'PATCH /Users/id-1']);
  });

  it('looks for groups without their members, and removes members by a value', async () => {
    await entra.assign(ann);
    server.lines();
    await entra.pushGroup(GROUP);
    await entra.addMembers(GROUP, [ann]);
    expect(operations()).toEqual([{ op: 'Add', path: 'members', value: [{ $ref: null, value: 'id-1' }] }]);
    await entra.removeMembers(GROUP, [ann]);
    expect(operations()).toEqual([{ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'id-1' }] }]);
    const isMember = 'GET /Groups?filter=id eq "id-2" and members eq "id-1"&attributes=id';
    expect(server.lines()).toEqual([
      'GET /Groups?excludedAttributes=members&filter=displayName eq "Platform"',
      'POST /Groups',
      isMember,
      'PATCH /Groups/id-2',
      isMember,
      'PATCH /Groups/id-2',
    ]);
  });

  it('adds all members again in batches', async () => {
    await entra.assign(ann);
    server.lines();
    await entra.repeatGroup(
      GROUP,
      Array.from({ length: entra.batch + 1 }, () => ann),
    );
    expect(server.lines().filter((line) => line.startsWith('PATCH'))).toHaveLength(2);
  });

  it('learns of a refusal what was refused', async () => {
    await entra.assign(ann);
    await expect(entra.updateProfile(ann)).rejects.toThrow(ScimRefusal);
    await expect(entra.updateProfile(ann)).rejects.toThrow('GET /Users/id-1 was answered with 404');
  });
});
