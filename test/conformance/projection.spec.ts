import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/index.js';
import { ENT, GROUP, useBridge, USER } from './support/bridge.js';

describe('what an answer shows', () => {
  const held = useBridge();
  let ann: string;
  let team: string;

  beforeAll(async () => {
    ann = await held.bridge.user('ann', {
      title: 'boss',
      name: { givenName: 'Ann', familyName: 'B' },
      emails: [{ value: 'a@x.example', type: 'work' }, { type: 'home' }],
      [ENT]: { department: 'Ops', costCenter: '4' },
    });
    team = (await held.bridge.post('/Groups', { displayName: 'team', members: [{ value: ann }] })).body.id;
  });

  /** The resource as it is shown by id, in a list, by a search, and after writes that change nothing. */
  const everywhere = async (endpoint: string, id: string, parameters: JsonObject): Promise<JsonObject[]> => {
    const query = new URLSearchParams(parameters as Record<string, string>).toString();
    const filter = `id eq "${id}"`;
    const body = Object.fromEntries(
      Object.entries(parameters as Record<string, string>).map(([name, value]) => [name, value.split(',')]),
    );
    const searches = [`${endpoint}/.search`, '/.search'].map((path) =>
      held.bridge.post(path, { ...body, filter }),
    );
    const list = held.bridge.find(endpoint as '/Users', filter, `&${query}`);
    const paged = held.bridge.get(`${endpoint}?${query}&count=1&sortBy=id&cursor=`);
    return [
      (await held.bridge.get(`${endpoint}/${id}?${query}`)).body,
      ...(await Promise.all([list, paged, ...searches])).map((answer) => answer.body.Resources[0]),
    ];
  };

  it.each<[string, object]>([
    ['userName', { userName: 'ann' }],
    ['USERNAME, title', { userName: 'ann', title: 'boss' }],
    ['nothingKnown', {}],
    ['id', {}],
  ])('is id, schemas and the attributes that were asked for: %s [C46]', async (attributes, expected) => {
    for (const shown of await everywhere('/Users', ann, { attributes })) {
      expect(shown).toEqual({ id: ann, schemas: [USER, ENT], ...expected });
    }
  });

  it('leaves members out of groups altogether where they are excluded [C47]', async () => {
    for (const shown of await everywhere('/Groups', team, { excludedAttributes: 'members' })) {
      expect(shown).toMatchObject({ id: team, displayName: 'team' });
      expect(shown).not.toHaveProperty('members');
    }
    for (const shown of await everywhere('/Groups', team, {
      excludedAttributes: `${GROUP}:members.display`,
    })) {
      expect(shown).toMatchObject({ members: [{ value: ann }] });
      expect(JSON.stringify(shown)).not.toContain('"ann"');
    }
  });

  it('has what is always returned, excluded or not [C48]', async () => {
    for (const shown of await everywhere('/Users', ann, {
      excludedAttributes: 'id,schemas,meta,name,emails',
    })) {
      expect(shown).toMatchObject({ id: ann, schemas: [USER, ENT], userName: 'ann' });
      for (const name of ['meta', 'name', 'emails']) expect(shown).not.toHaveProperty(name);
    }
  });

  it.each<[string, object]>([
    ['name.givenName', { name: { givenName: 'Ann' } }],
    ['emails.type', { emails: [{ type: 'work' }, { type: 'home' }] }],
    ['emails.value', { emails: [{ value: 'a@x.example' }] }],
    [`${USER}:name.familyName`, { name: { familyName: 'B' } }],
    [`${ENT}:department`, { [ENT]: { department: 'Ops' } }],
    [ENT, { [ENT]: { department: 'Ops', costCenter: '4' } }],
    ['groups.display,meta.resourceType', { groups: [{ display: 'team' }], meta: { resourceType: 'User' } }],
  ])('knows sub-attributes and URNs: %s [C49]', async (attributes, expected) => {
    for (const shown of await everywhere('/Users', ann, { attributes })) {
      expect(shown).toEqual({ id: ann, schemas: [USER, ENT], ...expected });
    }
  });

  it('excludes sub-attributes and by URN [C49]', async () => {
    const excludedAttributes = `name.givenName,${ENT}:costCenter,emails.type`;
    for (const shown of await everywhere('/Users', ann, { excludedAttributes })) {
      expect(shown).toMatchObject({ name: { familyName: 'B' }, [ENT]: { department: 'Ops' } });
      expect(shown['emails']).toEqual([{ value: 'a@x.example' }]);
      expect(JSON.stringify(shown)).not.toMatch(/givenName|costCenter/);
    }
  });

  it('goes by attributes where attributes are excluded as well [C50]', async () => {
    const both = { attributes: 'userName,title', excludedAttributes: 'title' };
    for (const shown of await everywhere('/Users', ann, both)) {
      expect(shown).toEqual({ id: ann, schemas: [USER, ENT], userName: 'ann', title: 'boss' });
    }
  });

  it('is refused where the names are no names [C49]', async () => {
    for (const path of [`/Users/${ann}?attributes=%zz`, '/Users?excludedAttributes=%zz']) {
      expect(await held.bridge.get(path)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    }
    expect((await held.bridge.post('/.search', { attributes: 5 })).body.scimType).toBe('invalidValue');
  });
});
