import { beforeAll, describe, expect, it } from 'vitest';
import { LIST, useBridge } from './support/bridge.js';

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

describe('searching by POST', () => {
  const held = useBridge();
  let ann: string;
  const search = (body: object, path = '/.search') => held.bridge.post(path, { schemas: [SEARCH], ...body });
  const found = async (body: object, path?: string): Promise<string[]> => {
    const answer = await search(body, path);
    expect(answer.status, answer.text).toBe(200);
    return answer.body.Resources.map(
      (one: { userName?: string; displayName?: string }) => one.userName ?? one.displayName,
    );
  };

  beforeAll(async () => {
    ann = await held.bridge.user('ann', { displayName: 'M', title: 'boss' });
    await held.bridge.post('/Groups', { displayName: 'b-team', members: [{ value: ann }] });
    await held.bridge.user('zoe', { displayName: 'A' });
    await held.bridge.post('/Groups', { displayName: 'Z-team', externalId: 'g' });
  });

  it('serves each type at its own endpoint [C51]', async () => {
    const users = await search(
      { filter: 'userName sw "a"', attributes: ['userName'], count: 10 },
      '/Users/.search',
    );
    expect(users.body).toMatchObject({ schemas: [LIST], totalResults: 1, startIndex: 1, itemsPerPage: 1 });
    expect(Object.keys(users.body.Resources[0]).toSorted()).toEqual(['id', 'schemas', 'userName']);
    const groups = await search({ excludedAttributes: ['members'] }, '/Groups/.search');
    expect(groups.body.totalResults).toBe(2);
    expect(groups.text).not.toContain('members');
  });

  it('serves users and groups together at the root, in order of age [C51]', async () => {
    expect(await found({})).toEqual(['ann', 'b-team', 'zoe', 'Z-team']);
    expect(await found({ startIndex: 2, count: 2 })).toEqual(['b-team', 'zoe']);
    const { body } = await search({ count: 0 });
    expect(body).toMatchObject({ totalResults: 4, itemsPerPage: 0, Resources: [] });
  });

  it('takes an attribute that a type has not for one without a value [C51] [C66]', async () => {
    expect(await found({ filter: 'userName pr' })).toEqual(['ann', 'zoe']);
    expect(await found({ filter: 'title eq "boss" or displayName sw "z"' })).toEqual(['ann', 'Z-team']);
    expect(await found({ filter: 'not (userName eq "ann")' })).toEqual(['b-team', 'zoe', 'Z-team']);
    expect(await found({ filter: 'meta.resourceType eq "Group"' })).toEqual(['b-team', 'Z-team']);
    expect(await found({ filter: `members.value eq "${ann}" or id eq "${ann}"` })).toEqual(['ann', 'b-team']);
    expect(await found({ filter: 'shoeSize eq "1"' })).toEqual([]);
  });

  it('has one order over all types [C51] [C52]', async () => {
    expect(await found({ sortBy: 'displayName' })).toEqual(['zoe', 'b-team', 'ann', 'Z-team']);
    expect(await found({ sortBy: 'userName', sortOrder: 'descending' })).toEqual([
      'Z-team',
      'b-team',
      'zoe',
      'ann',
    ]);
    expect(await found({ sortBy: 'displayName', startIndex: 3, count: 1 })).toEqual(['ann']);
    expect(await found({ sortBy: 'meta.lastModified', count: 1, sortOrder: 'descending' })).toEqual([
      'Z-team',
    ]);
  });

  it('shows what was asked for of each type [C46] [C47]', async () => {
    const { body } = await search({ attributes: ['userName', 'members', 'groups.display'] });
    const [user, group] = body.Resources;
    expect(user).toMatchObject({ userName: 'ann', groups: [{ display: 'b-team' }] });
    expect(user.title).toBeUndefined();
    expect(group).toMatchObject({ id: expect.any(String), members: [{ value: ann }] });
    expect(group.displayName).toBeUndefined();
    expect((await search({ excludedAttributes: ['members', 'groups'] })).text).not.toMatch(
      /"members"|"groups"/,
    );
  });

  it('refuses what is wrong, and other verbs [C51] [C67]', async () => {
    expect(await search({ filter: 'userName eq' })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidFilter' },
    });
    expect(await search({ count: 'many' })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
    expect((await held.bridge.get('/.search')).status).toBe(405);
    expect(
      (await held.bridge.post('/.search', {}, { token: held.bridge.otherToken, connection: 'second' })).body
        .totalResults,
    ).toBe(0);
    expect((await held.bridge.post('/.search', {}, { token: null })).status).toBe(401);
  });

  it('does not know the token’s own user [C53]', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, body } = await held.bridge.request(method, '/Me', method === 'GET' ? {} : { body: {} });
      expect([status, body.status]).toEqual([501, '501']);
    }
  });
});
