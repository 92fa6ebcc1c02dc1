import { beforeAll, describe, expect, it } from 'vitest';
import { ENT, GROUP, PUBLIC_URL, useBridge, USER } from './support/bridge.js';

const CODER = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User';
const CODER_GROUP = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:Group';

const invalid = { status: 400, body: { status: '400', scimType: 'invalidFilter' } };

describe('filters', () => {
  const held = useBridge();
  const ids = new Map<string, string>();
  const find = async (filter: string, endpoint: '/Users' | '/Groups' = '/Users'): Promise<string[]> => {
    const { status, body } = await held.bridge.find(endpoint, filter);
    expect(status, `${filter}: ${body.detail}`).toBe(200);
    expect(body.totalResults).toBe(body.Resources.length);
    return body.Resources.map(
      ({ userName, displayName }: { userName?: string; displayName: string }) => userName ?? displayName,
    ).sort();
  };
  const ann = ['Ann@x.example'];
  const both = [...ann, 'bob'];

  beforeAll(async () => {
    const { bridge } = held;
    ids.set(
      'ann',
      await bridge.user('Ann@x.example', {
        externalId: 'E1',
        title: 'Boss "B\\" é',
        emails: [
          { type: 'work', value: 'ann+work@x.example', primary: true },
          { type: 'home', value: 'home@ann.example' },
        ],
        x509Certificates: [{ value: 'AbC=' }],
        [ENT]: { department: 'Ops' },
        [CODER]: {
          username: 'ann',
          siteRoles: [{ value: 'auditor' }, { value: 'template-admin' }],
          organizationRoles: [
            { organization: 'a', role: 'viewer' },
            { organization: 'b', role: 'editor' },
          ],
        },
      }),
    );
    ids.set(
      'bob',
      await bridge.user('bob', {
        externalId: 'e1',
        active: false,
        name: { familyName: "O'Malley" },
        emails: [{ type: 'home', value: 'ann+work@x.example' }],
        [ENT]: { manager: { value: ids.get('ann') ?? '' } },
      }),
    );
    const team = {
      displayName: 'Team A',
      externalId: 'g1',
      members: [{ value: ids.get('ann') }],
      [CODER_GROUP]: { quotaAllowance: 10 },
    };
    ids.set('team', (await bridge.post('/Groups', team)).body.id);
    await bridge.post('/Groups', { displayName: 'nobody' });
  });

  it.each([
    'userName eq "Ann@x.example"',
    'userName eq "ann@X.EXAMPLE"',
    'USERNAME Eq "Ann@x.example"',
    'userName EQ "ANN@x.example" AND active eq TRUE',
  ])('find a userName in any case: %s [C55]', async (filter) => {
    expect(await find(filter)).toEqual(ann);
  });

  it.each([
    ['externalId eq "E1"', ann],
    ['externalId eq "e1"', ['bob']],
    ['externalId sw "E"', ann],
    ['externalId eq "E2"', []],
    ['x509Certificates.value eq "AbC="', ann],
    ['x509Certificates.value eq "abc="', []],
  ])('compare exactly what is case exact: %s [C56]', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  it.each([
    ['emails[type eq "work"].value eq "ANN+work@x.example"', ann],
    ['emails[type eq "work" and value co "+work"]', ann],
    ['emails[type eq "home"].value sw "home"', ann],
    ['emails[type eq "work"].value pr', ann],
    ['emails.value eq "ann+work@x.example"', both],
    ['emails eq "home@ann.example"', ann],
    ['emails co "ANN.example"', ann],
    ['emails[primary eq true].value eq "ann+work@x.example"', ann],
    ['emails[primary eq "True"]', ann],
    ['emails[primary eq false]', both],
    ['emails.primary eq false', both],
    ['emails[value eq "ann+work@x.example" and primary eq "False"]', ['bob']],
    ['emails pr', both],
  ])('find emails by any of their parts: %s [C57]', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  it.each([
    ['displayName eq "TEAM a"', ['Team A']],
    ['displayName sw "t" or externalId eq "g1"', ['Team A']],
    ['displayName ne "Team A"', ['nobody']],
    [`${GROUP}:displayName co "o"`, ['nobody']],
    ['members pr', ['Team A']],
    ['not (members pr)', ['nobody']],
  ])('find groups: %s [C58]', async (filter, expected) => {
    expect(await find(filter, '/Groups')).toEqual(expected);
  });

  it('find groups by a member, and users by their manager and groups [C59]', async () => {
    const [a, b, team] = [ids.get('ann') ?? '', ids.get('bob') ?? '', ids.get('team') ?? ''];
    for (const members of ['members', 'members.value']) {
      expect(await find(`id eq "${team}" and ${members} eq "${a}"`, '/Groups')).toEqual(['Team A']);
      expect(await find(`id eq "${team}" and ${members} eq "${b}"`, '/Groups')).toEqual([]);
    }
    expect(await find(`members[value eq "${a}" and display sw "ann"]`, '/Groups')).toEqual(['Team A']);
    expect(await find(`members.$ref eq "${PUBLIC_URL}/scim/v2/Users/${a}"`, '/Groups')).toEqual(['Team A']);
    expect(await find(`id eq "${b}" and ${ENT}:manager eq "${a}"`)).toEqual(['bob']);
    expect(await find(`${ENT}:manager.value eq "${b}"`)).toEqual([]);
    expect(await find(`${ENT}:manager.$ref eq "${PUBLIC_URL}/scim/v2/Users/${a}"`)).toEqual(['bob']);
    expect(await find(`groups eq "${team}"`)).toEqual(ann);
    expect(await find('groups.display eq "team A"')).toEqual(ann);
    expect(await find(`meta.location eq "${PUBLIC_URL}/scim/v2/Users/${b}"`)).toEqual(['bob']);
  });

  it.each([
    ['userName eq "bob"', ['bob']],
    ['userName ne "bob"', ann],
    ['userName co "N@"', ann],
    ['userName sw "AN"', ann],
    ['userName ew ".EXAMPLE"', ann],
    ['title pr', ann],
    ['userName gt "b"', ['bob']],
    ['userName ge "BOB"', ['bob']],
    ['userName lt "bob"', ann],
    ['userName le "bob"', both],
    ['title ne null', ann],
    ['title eq null', ['bob']],
    ['not (title ne null)', ['bob']],
    ['not (active eq true)', ['bob']],
    ['title pr and active eq false', []],
    ['title pr or active eq false', both],
    ['active eq false or title pr and userName eq "bob"', ['bob']],
    ['(active eq false or title pr) and userName eq "bob"', ['bob']],
    ['userName eq "x" and active eq false or title pr', ann],
    ['userName eq "x" and (active eq false or title pr)', []],
    ['userName sw "a" and (active eq false or title pr)', ann],
    ['not (title pr) and not (active eq true)', ['bob']],
    ['not (title pr and active eq true)', ['bob']],
    ['not (not (title pr))', ann],
    ['((((userName pr))))', both],
  ])('have all operators, in the order of the RFC: %s [C60]', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  it.each([
    ['emails[not (type eq "home")]', ann],
    ['emails[(type eq "work" or type eq "home") and not (value sw "home")]', both],
    ['emails[type eq "home" and (value ew "ann.example" or value ew "nowhere")]', ann],
    ['not (emails[type eq "work"])', ['bob']],
    ['emails[type eq "work"] and not (emails[type eq "home" and value sw "ann"])', ann],
  ])('take not and parentheses inside brackets: %s [C61]', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  it.each([
    [`${USER}:userName ew "ob"`, ['bob']],
    [`${USER.toUpperCase()}:name.familyName pr`, ['bob']],
    [`${USER}:emails[type eq "work"].value pr`, ann],
    [`${ENT}:department eq "ops"`, ann],
    [`not (${ENT}:department pr)`, ['bob']],
    [`schemas eq "${ENT}"`, both],
    [`schemas eq "${GROUP}"`, []],
  ])('know attributes by their URN: %s [C62]', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  it.each([
    [`${CODER}:username eq "ANN"`, ann],
    [`${CODER}:siteRoles eq "auditor"`, ann],
    [`${CODER}:siteRoles.value sw "TEM"`, ann],
    [`${CODER}:siteRoles[value eq "auditor"]`, ann],
    [`${CODER}:organizationRoles[organization eq "a" and role eq "viewer"]`, ann],
    [`${CODER}:organizationRoles[organization eq "a" and role eq "editor"]`, []],
    [`not (${CODER}:siteRoles pr)`, ['bob']],
    [`schemas eq "${CODER}"`, ann],
  ])('know attributes of extensions with several values: %s [C62]', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  it('compare numbers as numbers [C60]', async () => {
    expect(await find(`${CODER_GROUP}:quotaAllowance gt 9`, '/Groups')).toEqual(['Team A']);
    expect(await find(`${CODER_GROUP}:quotaAllowance le 9.5`, '/Groups')).toEqual([]);
    expect(await find(`${CODER_GROUP}:quotaAllowance ne 10`, '/Groups')).toEqual(['nobody']);
    for (const value of ['"10"', 'true']) {
      expect(await held.bridge.find('/Groups', `${CODER_GROUP}:quotaAllowance eq ${value}`)).toMatchObject(
        invalid,
      );
    }
  });

  it.each([
    ['title eq "boss \\"b\\\\\\" \\u00e9"', ann],
    ['title eq "BOSS \\"B\\\\\\" E\\u0301"', ann],
    ['name.familyName eq "O\'Malley"', ['bob']],
    ['emails.value eq "ann\\u002bwork@x.example"', both],
  ])('decode the escapes of strings: %s [C63]', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  it('keep a plus of an address, whichever way the query is encoded [C63]', async () => {
    for (const filter of [
      'emails.value%20eq%20%22ann+work@x.example%22',
      'emails.value%20eq%20%22ann%2Bwork@x.example%22',
      'emails.value+eq+%22ann%2Bwork@x.example%22',
    ]) {
      expect((await held.bridge.get(`/Users?filter=${filter}`)).body.totalResults, filter).toBe(2);
    }
  });

  it.each([
    ['active eq true', ann],
    ['active eq "true"', ann],
    ['active eq "False"', ['bob']],
    ['active ne true', ['bob']],
  ])('compare booleans, in quotes or not: %s [C64]', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  it('compare times as times [C65]', async () => {
    const { body } = await held.bridge.get(`/Users/${ids.get('ann')}`);
    const created: string = body.meta.created;
    const elsewhere = new Date(Date.parse(created) + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
    const before = new Date(Date.parse(created) - 1).toISOString();
    for (const time of [created, elsewhere]) {
      expect(await find(`meta.created eq "${time}" and userName sw "ann"`)).toEqual(ann);
      expect(await find(`meta.created gt "${time}" and userName sw "ann"`)).toEqual([]);
      expect(await find(`meta.created ge "${time}"`)).toEqual(both);
    }
    expect(await find(`meta.lastModified gt "${before}"`)).toEqual(both);
    expect(await find('meta.lastModified lt "2020-01-01T00:00:00Z"')).toEqual([]);
    expect(await find('meta.created gt "2020-01-01"')).toEqual(both);
    expect(await find('meta.resourceType eq "User" and meta.created pr and meta.version pr')).toEqual(both);
  });

  it.each(['shoeSize eq "42"', 'shoeSize ne "42"', 'shoeSize pr', 'emails[planet eq "x"]', 'id eq "nobody"'])(
    'find nobody by what is unknown: %s [C66]',
    async (filter) => {
      expect(await find(filter)).toEqual([]);
    },
  );

  it.each(['not (shoeSize pr)', 'not (shoeSize eq "1") and userName pr', 'emails[not (planet eq "x")]'])(
    'refuse to negate what is unknown: %s [C66]',
    async (filter) => {
      expect(await held.bridge.find('/Users', filter)).toMatchObject(invalid);
    },
  );

  it.each([
    ['', 0],
    ['userName', 8],
    ['userName eq', 11],
    ['userName eq "a', 12],
    ['userName zz "a"', 9],
    ['userName eq "a" userName eq "b"', 16],
    ['(userName pr', 12],
    ['userName pr)', 11],
    ['name eq "x"', 0],
    ['userName gt 5', 0],
    ['title pr and active gt true', 13],
    ['userName pr and x509Certificates.value lt "x"', 16],
    ['meta.created co "2020"', 0],
    ['userName eq "\\u0000"', 12],
    ['meta.location sw "x"', 0],
    ['title pr and meta.version eq "1"', 13],
  ])('are refused with the position when they are broken: %s [C67]', async (filter, position) => {
    const answer = await held.bridge.find('/Users', filter);
    expect(answer).toMatchObject(invalid);
    expect(answer.body.detail).toContain(`position ${position}: `);
    expect(answer.body.Resources).toBeUndefined();
  });

  it('are refused when their encoding is broken [C67]', async () => {
    for (const filter of ['userName%20eq%20%22%zz%22', 'userName%20eq%20%22a%00%22']) {
      expect(await held.bridge.get(`/Users?filter=${filter}`)).toMatchObject(invalid);
    }
  });

  it.each([
    ['length', `userName eq "${'x'.repeat(9000)}"`],
    ['depth of parentheses', `${'('.repeat(40)}userName pr${')'.repeat(40)}`],
    ['depth of not', `${'not ('.repeat(40)}userName pr${')'.repeat(40)}`],
    ['depth that never ends', '('.repeat(5000)],
    ['number of conditions', Array(1001).fill('a pr').join(' or ')],
  ])('are bounded in %s [C68]', async (_, filter) => {
    // In a body: a server may bound the length of a URL for itself.
    const { status, body } = await held.bridge.post('/Users/.search', { filter });
    expect({ status, body }).toMatchObject(invalid);
  });

  it.each([
    'userName co "%"',
    'userName co "_"',
    'userName co ".*"',
    'userName eq "\' or 1=1 --"',
    'title eq "$1"',
    'title eq "\\") || true || (\\""',
    'emails[value eq "\' or true --"]',
    `${ENT}:department sw "') or true --"`,
    'a\'b eq "x"',
    '__proto__.x eq "x" or constructor pr',
  ])('are data to the database, never code: %s [C69]', async (filter) => {
    const { status, body } = await held.bridge.find('/Users', filter);
    if (status !== 200) expect({ status, body }).toMatchObject(invalid);
    else expect(body.totalResults).toBe(0);
  });
});
