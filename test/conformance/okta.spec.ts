import { describe, expect, it } from 'vitest';
import { patchOp, useBridge, USER, GROUP, LIST, SCIM_JSON, type Answer } from './support/bridge.js';

/** What Okta sends with every request. */
const HEADERS = {
  accept: 'application/scim+json',
  'accept-charset': 'utf-8',
  'accept-encoding': 'gzip,deflate',
  'user-agent': 'Okta SCIM Client 1.0.0',
};
const OPTIONS = { headers: HEADERS };
const EMPTY = { schemas: [LIST], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] };

/** The profile as Okta sends it when a person is assigned. */
const profile = (name: string, more: object = {}) => ({
  schemas: [USER],
  userName: `${name}@corp.example`,
  name: { givenName: name, familyName: 'Byron' },
  emails: [{ primary: true, value: `${name}@corp.example`, type: 'work' }],
  displayName: `${name} Byron`,
  locale: 'en-US',
  externalId: `00u-${name}`,
  groups: [],
  password: 'x7Gq-not-yours',
  active: true,
  ...more,
});

const lookup = (name: string) =>
  `/Users?filter=userName%20eq%20%22${name}%40corp.example%22&startIndex=1&count=100`;

describe('Okta, in both of its dialects', () => {
  const held = useBridge();
  const assign = (name: string): Promise<Answer> => held.bridge.post('/Users', profile(name), OPTIONS);

  it('tests the connection', async () => {
    const users = await held.bridge.get('/Users?startIndex=1&count=2', OPTIONS);
    expect(users.status).toBe(200);
    expect(users.headers.get('content-type')).toBe(SCIM_JSON);
    expect(users.body).toEqual(EMPTY);
    expect((await held.bridge.get('/Groups?startIndex=1&count=100', OPTIONS)).body).toEqual(EMPTY);
  });

  it('assigns a user: looks it up in vain, creates it, finds it again', async () => {
    expect((await held.bridge.get(lookup('ada'), OPTIONS)).body).toEqual(EMPTY);
    const created = await assign('ada');
    expect(created.status).toBe(201);
    const { groups: _groups, password: _password, ...kept } = profile('ada');
    expect(created.body).toMatchObject({ ...kept, meta: { resourceType: 'User' } });
    expect(created.text).not.toContain('x7Gq');
    expect(created.headers.get('location')).toBe(created.body.meta.location);
    const found = await held.bridge.get(lookup('ADA'), OPTIONS);
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [created.body] });
    expect((await held.bridge.get(`/Users/${created.body.id}`, OPTIONS)).body).toEqual(created.body);
  });

  it.each(['id', 'emails.value', 'externalId'])('looks a user up by %s', async (attribute) => {
    const { body } = await assign(`by-${attribute.replace('.', '-').toLowerCase()}`);
    const value = { id: body.id, 'emails.value': body.userName, externalId: body.externalId }[attribute];
    const found = await held.bridge.find('/Users', `${attribute} eq "${value}"`, '&startIndex=1&count=100');
    expect(found.body.Resources).toEqual([body]);
  });

  it('is told of a duplicate by 409, in any case [C27] [C33]', async () => {
    await assign('twin');
    const again = await held.bridge.post(
      '/Users',
      profile('twin', { userName: 'TWIN@corp.example', externalId: 'x' }),
      OPTIONS,
    );
    expect(again).toMatchObject({ status: 409, body: { status: '409', scimType: 'uniqueness' } });
    const sameId = await held.bridge.post('/Users', profile('twin', { userName: 'other' }), OPTIONS);
    expect(sameId).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
    expect(sameId.body.detail).toContain('externalId');
    expect((await held.bridge.find('/Users', 'externalId eq "00u-twin"')).body.totalResults).toBe(1);
  });

  it('updates a profile by GET and PUT of what it got [C70] [C72] [C73]', async () => {
    const { body: created } = await assign('grace');
    const id: string = created.id;
    await held.bridge.post('/Groups', { schemas: [GROUP], displayName: 'Navy', members: [{ value: id }] });
    const { body: got } = await held.bridge.get(`/Users/${id}`, OPTIONS);
    expect(got.groups).toMatchObject([{ display: 'Navy', type: 'direct' }]);
    const updated = await held.bridge.put(
      `/Users/${id}`,
      { ...got, userName: 'grace.hopper@corp.example', displayName: 'Grace Hopper' },
      OPTIONS,
    );
    expect(updated.status).toBe(200);
    expect(updated.body).toMatchObject({
      id,
      userName: 'grace.hopper@corp.example',
      displayName: 'Grace Hopper',
      groups: got.groups,
    });
    expect((await held.bridge.get(`/Users/${id}`, OPTIONS)).body).toEqual(updated.body);
    const same = await held.bridge.put(`/Users/${id}`, updated.body, OPTIONS);
    expect(same).toMatchObject({ status: 200, body: { meta: updated.body.meta } });
  });

  it('deactivates and reactivates by PATCH without a path, and sees the user all the time [C41]', async () => {
    const { body } = await assign('alan');
    const off = await held.bridge.patch(`/Users/${body.id}`, { op: 'replace', value: { active: false } });
    expect(off).toMatchObject({ status: 200, body: { id: body.id, active: false } });
    expect((await held.bridge.get(lookup('alan'), OPTIONS)).body).toMatchObject({
      totalResults: 1,
      Resources: [{ active: false }],
    });
    const on = await held.bridge.patch(`/Users/${body.id}`, { op: 'replace', value: { active: true } });
    expect(on).toMatchObject({ status: 200, body: { active: true } });
  });

  it('deactivates and reactivates by PUT [C75]', async () => {
    const { body } = await assign('katherine');
    const off = await held.bridge.put(`/Users/${body.id}`, { ...body, active: false }, OPTIONS);
    expect(off).toMatchObject({ status: 200, body: { active: false } });
    const on = await held.bridge.put(`/Users/${body.id}`, { ...profile('katherine'), id: body.id }, OPTIONS);
    expect(on).toMatchObject({ status: 200, body: { active: true, externalId: '00u-katherine' } });
  });

  it('is refused a POST of an inactive user, which it finds by a lookup', async () => {
    const { body } = await assign('emmy');
    await held.bridge.patch(`/Users/${body.id}`, { op: 'replace', value: { active: false } });
    expect(await assign('emmy')).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
    expect((await held.bridge.get(lookup('emmy'), OPTIONS)).body.Resources[0].id).toBe(body.id);
  });

  it('imports users page by page, none twice and none lost [C45]', async () => {
    for (let i = 0; i < 11; i++) await assign(`page${i}`);
    const seen: string[] = [];
    let total = 1;
    for (let start = 1; start <= total; start += 5) {
      const { body } = await held.bridge.get(`/Users?startIndex=${start}&count=5`, OPTIONS);
      total = body.totalResults;
      expect(body).toMatchObject({ startIndex: start, itemsPerPage: body.Resources.length });
      seen.push(...body.Resources.map(({ id }: { id: string }) => id));
    }
    expect(seen).toHaveLength(total);
    expect(new Set(seen).size).toBe(total);
  });

  describe('pushes groups', () => {
    it('by PATCH: creates, renames before each change, adds, removes, pushes all, deletes', async () => {
      const [one, two, three] = await Promise.all(
        ['g1', 'g2', 'g3'].map(async (name) => (await assign(name)).body.id as string),
      );
      expect((await held.bridge.find('/Groups', 'displayName eq "Platform Team"')).body).toEqual(EMPTY);
      const created = await held.bridge.post(
        '/Groups',
        { schemas: [GROUP], displayName: 'Platform Team', members: [] },
        OPTIONS,
      );
      expect(created).toMatchObject({ status: 201, body: { displayName: 'Platform Team' } });
      const path = `/Groups/${created.body.id}`;
      const members = async () =>
        ((await held.bridge.get(path)).body.members ?? [])
          .map(({ value }: { value: string }) => value)
          .sort();

      const rename = await held.bridge.patch(path, {
        op: 'replace',
        value: { id: created.body.id, displayName: 'Platform Team' },
      });
      expect(rename).toMatchObject({ status: 204, text: '' });
      expect((await held.bridge.get(path)).body.meta).toEqual(created.body.meta);
      const first = await held.bridge.patch(path, {
        op: 'add',
        path: 'members',
        value: [
          { value: one, display: 'g1' },
          { value: two, display: 'g2' },
        ],
      });
      expect(first.status).toBe(204);
      expect(await members()).toEqual([one, two].sort());
      await held.bridge.patch(
        path,
        { op: 'remove', path: `members[value eq "${one}"]` },
        { op: 'add', path: 'members', value: [{ value: three, display: 'g3' }] },
      );
      expect(await members()).toEqual([two, three].sort());
      await held.bridge.patch(path, { op: 'replace', path: 'members', value: [{ value: one }] });
      expect(await members()).toEqual([one]);
      expect((await held.bridge.patch(path, { op: 'replace', path: 'members', value: [] })).status).toBe(204);
      expect(await members()).toEqual([]);
      await held.bridge.patch(path, {
        op: 'replace',
        value: { id: created.body.id, displayName: 'Platform' },
      });
      expect((await held.bridge.find('/Groups', 'displayName eq "platform"')).body.Resources[0].id).toBe(
        created.body.id,
      );
      expect(await held.bridge.delete(path)).toMatchObject({ status: 204, text: '' });
      expect((await held.bridge.get(path)).status).toBe(404);
    });

    it('by PUT with the full list of members, its own name being no conflict', async () => {
      const [one, two] = await Promise.all(
        ['p1', 'p2'].map(async (name) => (await assign(name)).body.id as string),
      );
      const { body } = await held.bridge.post(
        '/Groups',
        { schemas: [GROUP], displayName: 'Design', members: [] },
        OPTIONS,
      );
      const put = (members?: object) =>
        held.bridge.put(
          `/Groups/${body.id}`,
          { schemas: [GROUP], id: body.id, displayName: 'Design', ...(members ? { members } : {}) },
          OPTIONS,
        );
      const both = await put([
        { value: one, display: 'p1' },
        { value: two, display: 'p2' },
      ]);
      expect(both.status).toBe(200);
      expect(both.body.members).toHaveLength(2);
      expect((await put([{ value: two }])).body.members).toMatchObject([
        { value: two, display: 'p2@corp.example', type: 'User' },
      ]);
      expect((await put()).body.members).toHaveLength(1);
      expect((await put([])).body).not.toHaveProperty('members');
    });
  });

  it('forgives a doubled and a missing Bearer [C4]', async () => {
    for (const authorization of [
      held.bridge.token,
      `Bearer Bearer ${held.bridge.token}`,
      `bearer ${held.bridge.token}`,
    ]) {
      expect(
        (await held.bridge.get('/Users?count=1', { token: null, headers: { authorization } })).status,
      ).toBe(200);
    }
  });

  it('sends PATCH as its test file does: as application/json', async () => {
    const { body } = await assign('json');
    const answer = await held.bridge.request('PATCH', `/Users/${body.id}`, {
      body: patchOp({ op: 'replace', value: { active: false } }),
      type: 'application/json',
    });
    expect(answer).toMatchObject({ status: 200, body: { active: false } });
    expect(answer.headers.get('content-type')).toBe(SCIM_JSON);
  });
});
