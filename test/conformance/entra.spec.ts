import { describe, expect, it } from 'vitest';
import { ENT, GROUP, LIST, useBridge, USER } from './support/bridge.js';

/** With the flag in the tenant URL it arrives as a parameter without a value. */
const FLAG = 'aadOptscim062020';
const EMPTY = { schemas: [LIST], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] };

/** A user as Entra creates it by its default mapping. */
const person = (name: string) => ({
  schemas: [USER, ENT],
  externalId: name,
  userName: `${name}@corp.example`,
  active: 'True',
  displayName: 'Ada Byron',
  emails: [{ primary: true, type: 'work', value: `${name}@corp.example` }],
  name: { formatted: 'Ada Byron', familyName: 'Byron', givenName: 'Ada' },
  addresses: [{ type: 'work', formatted: '12 Mill Lane', primary: true }],
  phoneNumbers: [],
  title: null,
  meta: { resourceType: 'User' },
  roles: [],
  [ENT]: { employeeNumber: '0042', department: 'R&D' },
  'urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User': { colour: 'red' },
});

describe.each([
  ['without the flag', ''],
  ['with the flag', FLAG],
])('Entra ID %s', (_dialect, flag) => {
  const held = useBridge();
  const with_ = (path: string) => (flag ? `${path}${path.includes('?') ? '&' : '?'}${flag}` : path);
  const find = (endpoint: string, filter: string, more = '') =>
    held.bridge.get(with_(`${endpoint}?filter=${encodeURIComponent(filter)}${more}`));
  const patch = (path: string, ...operations: Parameters<typeof held.bridge.patch>[1][]) =>
    held.bridge.patch(with_(path), ...operations);
  const create = async (name: string) => (await held.bridge.post(with_('/Users'), person(name))).body;

  it('tests the connection by looking for a random GUID', async () => {
    for (const [endpoint, attribute] of [
      ['/Users', 'userName'],
      ['/Groups', 'displayName'],
    ] as const) {
      const answer = await find(endpoint, `${attribute} eq "4f4c2a3e-9b8f-4c7e-8a51-0d2c7f1b6a90"`);
      expect(answer).toMatchObject({ status: 200, body: EMPTY });
    }
  });

  it('creates a user and finds it by each matching attribute', async () => {
    const created = await held.bridge.post(with_('/Users'), person('ada'));
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      schemas: [USER, ENT],
      active: true,
      externalId: 'ada',
      addresses: person('ada').addresses,
      [ENT]: person('ada')[ENT],
    });
    for (const absent of ['title', 'roles', 'phoneNumbers', 'groups'])
      expect(created.body).not.toHaveProperty(absent);
    for (const filter of [
      'userName eq "ADA@corp.example"',
      'externalId eq "ada"',
      'externalId eq ada',
      'emails[type eq "work"].value eq "ada@corp.example"',
      `id eq "${created.body.id}"`,
    ]) {
      expect((await find('/Users', filter)).body.Resources, filter).toEqual([created.body]);
    }
    expect(
      (await find('/Users', 'userName eq "ada@corp.example"', '&attributes=id,userName')).body.Resources,
    ).toEqual([{ schemas: created.body.schemas, id: created.body.id, userName: 'ada@corp.example' }]);
    expect((await find('/Users', 'externalId eq "ADA"')).body).toEqual(EMPTY);
  });

  it('updates attributes, and reads back what it stated', async () => {
    const { id } = await create('update');
    const path = `/Users/${id}`;
    const changes = flag
      ? [
          { op: 'replace', path: 'emails[type eq "work"].value', value: 'ada.king@corp.example' },
          { op: 'replace', path: 'addresses[type eq "work"].formatted', value: '1 Ox Road' },
          { op: 'add', path: 'phoneNumbers[type eq "mobile"].value', value: '+44 20 7946 0001' },
          {
            op: 'replace',
            value: {
              displayName: 'Ada King',
              'name.familyName': 'King',
              [`${ENT}:employeeNumber`]: '43',
              active: false,
            },
          },
        ]
      : [
          { op: 'Replace', path: 'displayName', value: 'Ada King' },
          { op: 'Add', path: 'emails[type eq "work"].value', value: 'ada.king@corp.example' },
          { op: 'Replace', path: 'name.familyName', value: 'King' },
          { op: 'Replace', path: 'addresses[type eq "work"].formatted', value: '1 Ox Road' },
          { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+44 20 7946 0001' },
          { op: 'Add', path: `${ENT}:employeeNumber`, value: '43' },
          { op: 'Replace', path: 'active', value: 'False' },
        ];
    const answer = await patch(path, ...changes);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        displayName: 'Ada King',
        active: false,
        name: { formatted: 'Ada Byron', familyName: 'King', givenName: 'Ada' },
        emails: [{ primary: true, type: 'work', value: 'ada.king@corp.example' }],
        addresses: [{ type: 'work', formatted: '1 Ox Road', primary: true }],
        phoneNumbers: [{ type: 'mobile', value: '+44 20 7946 0001' }],
        [ENT]: { employeeNumber: '43', department: 'R&D' },
      },
    });
    expect((await held.bridge.get(with_(path))).body).toEqual(answer.body);
    const again = await patch(path, ...changes);
    expect(again.body.meta).toEqual(answer.body.meta);
    expect(
      (await patch(path, { op: 'Replace', path: 'active', value: flag ? true : 'True' })).body.active,
    ).toBe(true);
  });

  it('sets the manager in a second pass, asks for it, and clears it [C91]', async () => {
    const { id } = await create('report');
    const boss = (await create('boss')).id;
    const ask = `id eq "${id}" and ${ENT}:manager eq "${boss}"`;
    expect((await find('/Users', ask, '&attributes=id')).body).toEqual(EMPTY);
    const operation = flag
      ? { op: 'add', value: { [`${ENT}:manager`]: boss } }
      : { op: 'Add', path: `${ENT}:manager`, value: boss };
    const set = await patch(`/Users/${id}`, operation);
    expect(set.body[ENT].manager).toMatchObject({
      value: boss,
      $ref: expect.stringContaining(`/Users/${boss}`) as string,
    });
    expect((await find('/Users', ask, '&attributes=id')).body.Resources).toEqual([
      { schemas: set.body.schemas, id },
    ]);
    const cleared = await patch(`/Users/${id}`, { op: 'Remove', path: `${ENT}:manager`, value: boss });
    expect(cleared.body[ENT]).toEqual({ employeeNumber: '0042', department: 'R&D' });
  });

  it('unsets attributes by null and by the empty string [C85]', async () => {
    const { id } = await create('nulls');
    await patch(`/Users/${id}`, { op: 'Replace', path: 'title', value: 'x' });
    const answer = await patch(
      `/Users/${id}`,
      { op: 'Replace', path: 'title', value: null },
      { op: 'Replace', path: `${ENT}:department`, value: '' },
    );
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('title');
    expect(answer.body[ENT]).toEqual({ employeeNumber: '0042' });
  });

  it('adds app roles, as objects and as JSON in a string', async () => {
    const { id } = await create('roles');
    const value = flag
      ? { primary: false, type: 'WindowsAzureActiveDirectoryRole', display: 'Admin', value: 'Admin' }
      : { value: '{"id":"1","value":"Admin","displayName":"Admin"}' };
    expect(
      (await patch(`/Users/${id}`, { op: 'Add', path: 'roles', value: [value] })).body.roles,
    ).toMatchObject([{ value: 'Admin', display: 'Admin' }]);
    expect(
      (await patch(`/Users/${id}`, { op: 'Replace', path: 'roles[primary eq "True"].value', value: 'User' }))
        .body.roles,
    ).toMatchObject([{ value: 'Admin' }, { value: 'User', primary: true }]);
    expect(
      (await patch(`/Users/${id}`, { op: 'replace', path: 'roles', value: [] })).body,
    ).not.toHaveProperty('roles');
  });

  it('disables a user although the same request names what is not modelled', async () => {
    const { id } = await create('leaver');
    const answer = await patch(
      `/Users/${id}`,
      { op: 'Replace', path: 'addresses[type eq "untyped"].planet', value: 'x' },
      {
        op: 'Add',
        path: 'urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User:colour',
        value: 'red',
      },
      { op: 'Replace', path: 'active', value: 'False' },
    );
    expect(answer).toMatchObject({ status: 200, body: { active: false } });
  });

  it('keeps memberships while a user is disabled, and deletes it in the end', async () => {
    const { id } = await create('gone');
    const group = (
      await held.bridge.post(with_('/Groups'), {
        schemas: [GROUP],
        displayName: 'Of the gone',
        members: [{ value: id }],
      })
    ).body;
    await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' });
    await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'True' });
    expect((await held.bridge.get(`/Groups/${group.id}`)).body.members).toMatchObject([{ value: id }]);
    expect((await held.bridge.delete(with_(`/Users/${id}`))).status).toBe(204);
    expect((await held.bridge.get(with_(`/Users/${id}`))).status).toBe(404);
    expect((await held.bridge.delete(with_(`/Users/${id}`))).status).toBe(404);
    expect((await held.bridge.get(`/Groups/${group.id}`)).body).not.toHaveProperty('members');
    expect((await find('/Users', 'userName eq "gone@corp.example"')).body).toEqual(EMPTY);
    expect((await held.bridge.post(with_('/Users'), person('gone'))).status).toBe(201);
  });

  it('keeps a group: create, match, add, check, remove, rename, delete [C47] [C59] [C87] [C88]', async () => {
    const [one, two] = [(await create('m1')).id, (await create('m2')).id];
    const created = await held.bridge.post(with_('/Groups'), {
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: 'object-id',
      displayName: 'Platform',
      meta: { resourceType: 'Group' },
    });
    expect(created).toMatchObject({
      status: 201,
      body: { schemas: [GROUP], displayName: 'Platform', externalId: 'object-id' },
    });
    const { id } = created.body;
    const path = `/Groups/${id}`;
    expect(
      (
        await patch(path, {
          op: 'Add',
          path: 'members',
          value: [
            { $ref: null, value: one },
            { $ref: null, value: two },
          ],
        })
      ).status,
    ).toBe(204);
    for (const filter of ['displayName eq "Platform"', 'externalId eq "object-id"']) {
      const found = await find('/Groups', filter, '&excludedAttributes=members');
      expect(found.body.totalResults, filter).toBe(1);
      expect(found.body.Resources[0]).not.toHaveProperty('members');
    }
    expect((await held.bridge.get(with_(`${path}?excludedAttributes=members`))).body).not.toHaveProperty(
      'members',
    );
    for (const attribute of ['members', 'members.value']) {
      const asked = await find('/Groups', `id eq "${id}" and ${attribute} eq "${one}"`, '&attributes=id');
      expect(asked.body.Resources, attribute).toEqual([{ schemas: [GROUP], id }]);
    }
    const removal = flag
      ? { op: 'remove', path: `members[value eq "${one}"]` }
      : { op: 'Remove', path: 'members', value: [{ $ref: null, value: one }] };
    expect((await patch(path, removal)).status).toBe(204);
    expect((await held.bridge.get(path)).body.members).toMatchObject([{ value: two }]);
    expect((await patch(path, removal)).status).toBe(204);
    expect((await find('/Groups', `id eq "${id}" and members eq "${one}"`, '&attributes=id')).body).toEqual(
      EMPTY,
    );
    expect((await patch(path, { op: 'Replace', path: 'displayName', value: 'Platform 2' })).status).toBe(204);
    expect((await find('/Groups', 'displayName eq "Platform 2"')).body.totalResults).toBe(1);
    expect((await held.bridge.delete(with_(path))).status).toBe(204);
    expect((await find('/Groups', 'displayName eq "Platform 2"')).body).toEqual(EMPTY);
  });

  it('reads the schemas when an app is saved', async () => {
    const { status, body } = await held.bridge.get(with_('/Schemas'));
    expect(status).toBe(200);
    expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining([USER, ENT, GROUP]),
    );
  });
});
