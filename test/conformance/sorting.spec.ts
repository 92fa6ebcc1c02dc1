import { beforeAll, describe, expect, it } from 'vitest';
import { ENT, useBridge, USER } from './support/bridge.js';

describe('sorting', () => {
  const held = useBridge();
  const names = async (query: string, endpoint = '/Users'): Promise<string[]> => {
    const { status, body } = await held.bridge.get(`${endpoint}?${query}`);
    expect(status, query).toBe(200);
    return body.Resources.map(
      (one: { userName?: string; displayName: string }) => one.userName ?? one.displayName,
    );
  };

  beforeAll(async () => {
    const ids: string[] = [];
    ids.push(
      await held.bridge.user('bob', {
        title: 'b',
        name: { familyName: 'Öl' },
        emails: [{ value: 'z@x.example' }, { value: 'a@x.example', primary: true }],
        [ENT]: { department: 'Ops' },
      }),
    );
    ids.push(
      await held.bridge.user('Ann', {
        title: 'A',
        externalId: 'b',
        active: false,
        name: { familyName: 'ol' },
        emails: [{ value: 'm@x.example' }, { value: 'b@x.example' }],
      }),
    );
    ids.push(await held.bridge.user('cleo', { title: 'a', externalId: 'B', [ENT]: { department: 'art' } }));
    await held.bridge.post('/Groups', { displayName: 'B', members: [{ value: ids[1] }] });
    await held.bridge.post('/Groups', { displayName: 'a', members: [{ value: ids[2] }] });
  });

  it.each([
    ['userName', ['Ann', 'bob', 'cleo']],
    ['USERNAME', ['Ann', 'bob', 'cleo']],
    [`${USER}:userName`, ['Ann', 'bob', 'cleo']],
    ['id', ['bob', 'Ann', 'cleo']],
    ['externalId', ['cleo', 'Ann', 'bob']],
    ['active', ['Ann', 'bob', 'cleo']],
    ['title', ['Ann', 'cleo', 'bob']],
    ['name.familyName', ['Ann', 'bob', 'cleo']],
    ['emails', ['bob', 'Ann', 'cleo']],
    ['emails.value', ['bob', 'Ann', 'cleo']],
    [`${ENT}:department`, ['cleo', 'bob', 'Ann']],
    ['groups.display', ['cleo', 'Ann', 'bob']],
    ['groups', ['Ann', 'cleo', 'bob']],
    ['meta.created', ['bob', 'Ann', 'cleo']],
    ['meta.location', ['bob', 'Ann', 'cleo']],
    ['shoeSize', ['bob', 'Ann', 'cleo']],
  ])('is by %s, resources without it last, and the other way round [C52]', async (by, expected) => {
    expect(await names(`sortBy=${by}`)).toEqual(expected);
    expect(await names(`sortBy=${by}&sortOrder=ascending`)).toEqual(expected);
    expect(await names(`sortBy=${by}&sortOrder=descending`)).toEqual(expected.toReversed());
    expect(await names(`sortBy=${by}&startIndex=2&count=1`)).toEqual(expected.slice(1, 2));
  });

  it('goes with filters, for groups, and in searches [C51] [C52]', async () => {
    expect(await names('sortBy=userName&sortOrder=descending&filter=active%20eq%20true')).toEqual([
      'cleo',
      'bob',
    ]);
    expect(await names('sortBy=displayName', '/Groups')).toEqual(['a', 'B']);
    const { body } = await held.bridge.post('/Users/.search', {
      sortBy: 'userName',
      sortOrder: 'descending',
      startIndex: 2,
      count: 1,
    });
    expect(body).toMatchObject({
      totalResults: 3,
      startIndex: 2,
      itemsPerPage: 1,
      Resources: [{ userName: 'bob' }],
    });
  });

  it('is refused for what has no order [C52]', async () => {
    for (const query of [
      'sortBy=name',
      'sortBy=meta',
      'sortBy=meta.version',
      'sortBy=userName&sortOrder=sideways',
    ]) {
      expect(await held.bridge.get(`/Users?${query}`)).toMatchObject({
        status: 400,
        body: { scimType: 'invalidValue' },
      });
    }
  });
});
