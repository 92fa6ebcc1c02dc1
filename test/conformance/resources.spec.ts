import { describe, expect, it } from 'vitest';
import { ENT, GROUP, LIST, PUBLIC_URL, useBridge, USER } from './support/bridge.js';

const conflict = { status: 409, body: { status: '409', scimType: 'uniqueness' } };
const bad = (scimType: string) => ({ status: 400, body: { status: '400', scimType } });
const NOBODY = '00000000-0000-7000-8000-000000000000';

describe('creating', () => {
  const held = useBridge();

  it('answers 201 with the resource, its address and its facts [C24] [C25] [C39]', async () => {
    const answer = await held.bridge.post('/Users', {
      schemas: [USER],
      userName: 'ada',
      id: 'mine',
      meta: { created: 'x' },
    });
    expect(answer.status).toBe(201);
    const { id, meta } = answer.body;
    expect(id).not.toBe('mine');
    expect(answer.headers.get('location')).toBe(`${PUBLIC_URL}/scim/v2/Users/${id}`);
    expect(answer.headers.get('etag')).toBe(meta.version);
    expect(meta).toMatchObject({ resourceType: 'User', location: `${PUBLIC_URL}/scim/v2/Users/${id}` });
    expect(Date.parse(meta.created)).toBe(Date.parse(meta.lastModified));
    const read = await held.bridge.get(`/Users/${id}`);
    expect(read.body).toEqual(answer.body);
    expect((await held.bridge.find('/Users', `id eq "${id}"`)).body.Resources).toEqual([read.body]);
  });

  it('refuses what lacks its name [C26]', async () => {
    expect(await held.bridge.post('/Users', { schemas: [USER] })).toMatchObject(bad('invalidValue'));
    expect(await held.bridge.post('/Groups', { schemas: [GROUP] })).toMatchObject(bad('invalidValue'));
  });

  it('gives one 201 and nineteen 409 to twenty at once [C27]', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => held.bridge.post('/Users', { userName: i % 2 ? 'race' : 'RACE' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(answer).toMatchObject(conflict);
  });

  it('keeps the displayName and externalId of groups unique [C27]', async () => {
    await held.bridge.post('/Groups', { displayName: 'Unique', externalId: 'u' });
    expect(await held.bridge.post('/Groups', { displayName: 'UNIQUE' })).toMatchObject(conflict);
    const same = await held.bridge.post('/Groups', { displayName: 'Other', externalId: 'u' });
    expect(same).toMatchObject(conflict);
    expect(same.body.detail).toContain('externalId');
  });

  it('refuses members that are nobody, naming them, and makes no group [C36]', async () => {
    for (const value of [NOBODY, 'u-17', '__proto__']) {
      const answer = await held.bridge.post('/Groups', { displayName: 'Ghosts', members: [{ value }] });
      expect(answer).toMatchObject(bad('invalidValue'));
      expect(answer.body.detail).toContain(value);
    }
    expect((await held.bridge.find('/Groups', 'displayName eq "Ghosts"')).body.totalResults).toBe(0);
  });

  it('shows a group with its members, and a user with its groups', async () => {
    const id = await held.bridge.user('member');
    const { body } = await held.bridge.post('/Groups', {
      displayName: 'Shown',
      members: [{ value: id, display: 'lie', type: 'Group' }],
    });
    expect(body.members).toEqual([
      { value: id, $ref: `${PUBLIC_URL}/scim/v2/Users/${id}`, display: 'member', type: 'User' },
    ]);
    expect((await held.bridge.get(`/Users/${id}`)).body.groups).toEqual([
      { value: body.id, $ref: `${PUBLIC_URL}/scim/v2/Groups/${body.id}`, display: 'Shown', type: 'direct' },
    ]);
  });
});

describe('reading and listing', () => {
  const held = useBridge();

  it.each([NOBODY, 'x', '1%00', "'; DROP TABLE bridge.users; --", '__proto__'])(
    'answers 404 for the id %s [C38]',
    async (id) => {
      for (const endpoint of ['/Users', '/Groups']) {
        const path = `${endpoint}/${encodeURIComponent(decodeURIComponent(id))}`;
        for (const answer of [
          await held.bridge.get(path),
          await held.bridge.delete(path),
          await held.bridge.put(path, { userName: 'a', displayName: 'a' }),
          await held.bridge.patch(path, { op: 'replace', path: 'displayName', value: 'x' }),
        ]) {
          expect(answer).toMatchObject({
            status: 404,
            body: { status: '404', detail: expect.any(String) as string },
          });
        }
      }
      expect((await held.bridge.find('/Users', 'userName pr')).body.totalResults).toBe(0);
    },
  );

  it('pages within bounds [C42] [C43] [C44]', async () => {
    expect((await held.bridge.get('/Users')).body).toEqual({
      schemas: [LIST],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
    for (let i = 0; i < 3; i++) await held.bridge.user(`paged-${i}`);
    const names = async (query: string) => (await held.bridge.get(`/Users${query}`)).body;
    expect(await names('?count=2')).toMatchObject({
      totalResults: 3,
      startIndex: 1,
      itemsPerPage: 2,
      Resources: [{ userName: 'paged-0' }, { userName: 'paged-1' }],
    });
    expect(await names('?startIndex=3&count=2')).toMatchObject({
      totalResults: 3,
      startIndex: 3,
      itemsPerPage: 1,
      Resources: [{ userName: 'paged-2' }],
    });
    expect(await names('?startIndex=-1&count=1')).toMatchObject({
      startIndex: 1,
      Resources: [{ userName: 'paged-0' }],
    });
    for (const query of ['?count=0', '?count=-3', '?startIndex=100', '?startIndex=99999999999999999999']) {
      expect(await names(query), query).toMatchObject({ totalResults: 3, itemsPerPage: 0, Resources: [] });
    }
    expect((await held.bridge.get('/Users?count=x')).status).toBe(400);
  });

  it('projects, by id, in lists, after writes and in a search [C46] [C47] [C49]', async () => {
    const id = await held.bridge.user('projected', {
      name: { givenName: 'A', familyName: 'B' },
      [ENT]: { department: 'R' },
    });
    const expected = { schemas: [USER, ENT], id, userName: 'projected' };
    expect((await held.bridge.get(`/Users/${id}?attributes=userName`)).body).toEqual(expected);
    expect(
      (await held.bridge.find('/Users', 'userName eq "projected"', '&attributes=userName')).body.Resources,
    ).toEqual([expected]);
    const search = await held.bridge.post('/Users/.search', {
      filter: 'userName eq "projected"',
      attributes: ['userName'],
      count: 5,
    });
    expect(search).toMatchObject({ status: 200, body: { totalResults: 1, Resources: [expected] } });
    expect(search.body.Resources).toEqual([expected]);
    expect(
      (
        await held.bridge.put(`/Users/${id}?attributes=name.givenName,${ENT}:department`, {
          userName: 'projected',
          name: { givenName: 'C' },
          [ENT]: { department: 'R' },
        })
      ).body,
    ).toEqual({
      schemas: [USER, ENT],
      id,
      name: { givenName: 'C' },
      [ENT]: { department: 'R' },
    });
    expect((await held.bridge.get(`/Users/${id}?excludedAttributes=id,name,meta`)).body).toEqual({
      ...expected,
      active: true,
      [ENT]: { department: 'R' },
    });
  });

  it('searches groups by POST [C51]', async () => {
    await held.bridge.post('/Groups', { displayName: 'Searched' });
    expect(
      (await held.bridge.post('/Groups/.search', { filter: 'displayName sw "sear"' })).body.totalResults,
    ).toBe(1);
  });
});

describe('replacing and deleting', () => {
  const held = useBridge();

  it('clears what is left out, but for active, and keeps its own name [C71] [C72] [C73]', async () => {
    const id = await held.bridge.user('put', {
      title: 'x',
      externalId: 'put',
      active: false,
      emails: [{ value: 'a@b' }],
    });
    const answer = await held.bridge.put(`/Users/${id}`, {
      schemas: [USER],
      userName: 'PUT',
      id: 'other',
      meta: {},
      groups: [{ value: 'g' }],
    });
    expect(answer).toMatchObject({ status: 200, body: { id, userName: 'PUT', active: false } });
    for (const name of ['title', 'externalId', 'emails', 'groups'])
      expect(answer.body).not.toHaveProperty(name);
    expect((await held.bridge.put(`/Users/${id}`, { userName: 'put', active: null })).body.active).toBe(
      false,
    );
  });

  it('creates nothing [C74]', async () => {
    expect((await held.bridge.put(`/Users/${NOBODY}`, { userName: 'upsert' })).status).toBe(404);
    expect((await held.bridge.find('/Users', 'userName eq "upsert"')).body.totalResults).toBe(0);
  });

  it('refuses the name of another', async () => {
    await held.bridge.user('first');
    const id = await held.bridge.user('second');
    expect(await held.bridge.put(`/Users/${id}`, { userName: 'FIRST' })).toMatchObject(conflict);
    expect(
      await held.bridge.patch(`/Users/${id}`, { op: 'replace', path: 'userName', value: 'First' }),
    ).toMatchObject(conflict);
  });

  it('deletes for good, out of all groups, and frees the name [C100] [C101] [C102]', async () => {
    const id = await held.bridge.user('short-lived');
    const { body: group } = await held.bridge.post('/Groups', {
      displayName: 'Lives on',
      members: [{ value: id }],
    });
    expect(await held.bridge.delete(`/Users/${id}`)).toMatchObject({ status: 204, text: '' });
    expect((await held.bridge.get(`/Users/${id}`)).status).toBe(404);
    expect((await held.bridge.get(`/Groups/${group.id}`)).body).not.toHaveProperty('members');
    expect(await held.bridge.user('short-lived')).not.toBe(id);
  });
});
