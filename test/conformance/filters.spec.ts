import { describe, expect, it } from 'vitest';
import { ENT, useBridge, USER } from './support/bridge.js';

const bad = (scimType: string) => ({ status: 400, body: { status: '400', scimType } });

describe('filters', () => {
  const held = useBridge();
  const find = async (filter: string): Promise<string[]> => {
    const { status, body } = await held.bridge.find('/Users', filter);
    expect(status, filter).toBe(200);
    return body.Resources.map(({ userName }: { userName: string }) => userName).sort();
  };

  it('(55)–(65) find whom they mean', async () => {
    await held.bridge.post('/Users', {
      userName: 'Ann@x.example',
      externalId: 'E1',
      title: 'Boss "B\\" é',
      emails: [
        { type: 'work', value: 'ann+work@x.example' },
        { type: 'home', value: 'home@ann.example' },
      ],
      [ENT]: { department: 'Ops' },
    });
    await held.bridge.post('/Users', {
      userName: 'bob',
      externalId: 'e1',
      active: false,
      name: { familyName: "O'Malley" },
      emails: [{ type: 'home', value: 'ann+work@x.example' }],
    });
    const ann = ['Ann@x.example'];
    const cases: [string, string[]][] = [
      ['userName eq "ann@X.EXAMPLE"', ann],
      ['USERNAME Eq "Ann@x.example"', ann],
      ['externalId eq "E1"', ann],
      ['externalId eq "e1"', ['bob']],
      ['emails[type eq "work"].value eq "ANN+work@x.example"', ann],
      ['emails[type eq "work" and value co "+work"]', ann],
      ['emails.value eq "ann+work@x.example"', [...ann, 'bob']],
      ['emails eq "home@ann.example"', ann],
      ['active eq true', ann],
      ['active eq "False"', ['bob']],
      ['not (active eq true)', ['bob']],
      ['title eq "boss \\"b\\\\\\" \\u00e9"', ann],
      ['title pr', ann],
      ['title ne null', ann],
      ['title eq null', ['bob']],
      ['not (title ne null)', ['bob']],
      ['title pr and active eq false', []],
      ['title pr or active eq false', [...ann, 'bob']],
      ['userName sw "a" and (active eq false or title pr)', ann],
      ['name.familyName eq "O\'Malley"', ['bob']],
      [`${USER}:userName ew "ob"`, ['bob']],
      [`${ENT}:department eq "ops"`, ann],
      ['userName co "%"', []],
      ['userName co "_"', []],
      ['userName eq "\' or 1=1 --"', []],
      ['meta.created gt "2020-01-01T00:00:00Z"', [...ann, 'bob']],
      ['meta.lastModified lt "2020-01-01T00:00:00Z"', []],
      ['userName gt "b"', ['bob']],
      ['userName ne "bob"', ann],
      ['shoeSize eq "42"', []],
      ['shoeSize ne "42"', []],
      ['id eq "nobody"', []],
      ['emails[not (type eq "home")]', ann],
    ];
    for (const [filter, expected] of cases) expect(await find(filter), filter).toEqual(expected);
  });

  it('(63) keep a plus of an address, whichever way the query is encoded', async () => {
    for (const filter of [
      'emails.value%20eq%20%22ann+work@x.example%22',
      'emails.value%20eq%20%22ann%2Bwork@x.example%22',
      'emails.value+eq+%22ann%2Bwork@x.example%22',
    ]) {
      expect((await held.bridge.get(`/Users?filter=${filter}`)).body.totalResults, filter).toBe(2);
    }
  });

  it.each([
    '',
    'userName',
    'userName eq',
    'userName eq "a',
    'userName zz "a"',
    '(userName pr',
    'not (shoeSize pr)',
    'name eq "x"',
    'userName gt 5',
    `${'('.repeat(5000)}a pr`,
    'userName eq "\\u0000"',
    'meta.location eq "x"',
    `userName eq "${'x'.repeat(9000)}"`,
  ])('(66) (67) (68) refuse: %#', async (filter) => {
    expect(await held.bridge.find('/Users', filter)).toMatchObject(bad('invalidFilter'));
  });

  it('(67) refuse a broken percent-encoding', async () => {
    expect(await held.bridge.get('/Users?filter=userName%20eq%20%22%zz%22')).toMatchObject(
      bad('invalidFilter'),
    );
    expect(await held.bridge.get('/Users?filter=userName%20eq%20%22a%00%22')).toMatchObject(
      bad('invalidFilter'),
    );
  });
});
