import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { leftOut } from './overage.js';
import { statementOf } from './statement.js';

function stated(
  token: JsonObject,
  userinfo: JsonObject = {},
  externalIdClaims = ['oid', 'sub'],
  groupsCap?: number,
) {
  const issuedAt = new Date();
  const reading = { issuer: 'https://idp', subject: 'ada', issuedAt, token, userinfo };
  return statementOf(reading, { externalIdClaims, ...(groupsCap !== undefined && { groupsCap }) });
}

describe('a statement', () => {
  it("has the person's claims as they came, and none of the protocol's, so that the next token says the same", () => {
    const claims = {
      sub: 'ada',
      groups: ['eng'],
      realm_access: { roles: ['x'] },
      'https://acme.example/roles': ['y'],
    };
    const protocol = {
      iss: 'i',
      aud: 'a',
      exp: 1,
      iat: 1,
      nbf: 1,
      jti: 'j',
      nonce: 'n',
      azp: 'a',
      at_hash: 'h',
    };
    const session = {
      sid: 's',
      auth_time: 1,
      acr: '1',
      amr: ['pwd'],
      session_state: 's',
      uti: 'u',
      rh: 'r',
      aio: 'o',
    };
    expect(stated({ ...protocol, ...claims, ...session }).claims).toEqual(claims);
  });

  it('takes userinfo’s word over the token’s, as Coder does', () => {
    expect(stated({ groups: ['a'], name: 'A' }, { groups: ['b'] }).claims).toEqual({
      groups: ['b'],
      name: 'A',
    });
  });

  it('names the person by what the directory may know', () => {
    const person = {
      email: 'ada@corp.example',
      email_verified: true,
      preferred_username: 'ada@corp.example',
      name: 'Ada',
      oid: 'o-1',
    };
    expect(stated(person).person).toEqual({
      externalIds: ['o-1', 'ada'],
      email: 'ada@corp.example',
      emailVerified: true,
      userName: 'ada@corp.example',
      name: 'Ada',
    });
    expect(stated({ upn: 'ada' }, {}, ['employee']).person).toEqual({
      externalIds: [],
      email: null,
      emailVerified: false,
      userName: 'ada',
      name: null,
    });
    expect(stated({ employee: 'e-1', oid: 7 }, {}, ['oid', 'employee', 'sub']).person.externalIds).toEqual([
      'e-1',
      'ada',
    ]);
  });

  it.each<readonly [JsonObject, boolean]>([
    [{ email_verified: true }, true],
    [{ email_verified: 'true' }, true],
    [{ xms_edov: '1' }, true],
    [{ xms_edov: true }, true],
    [{ email_verified: false }, false],
    [{ email_verified: 'yes' }, false],
    [{ email_verified: {} }, false],
    [{}, false],
  ])('knows a verified address by %o: %s', (claims, verified) => {
    expect(stated({ email: 'a@b.example', ...claims }).person.emailVerified).toBe(verified);
  });

  it.each<readonly [string, JsonObject, string]>([
    ['64 KB', { a: 'x'.repeat(65_536) }, '65536 bytes'],
    ['20000 values', { a: Array.from({ length: 20_001 }, () => 1) }, '20000 values'],
    ['a long name', { ['x'.repeat(513)]: 1 }, '512 characters'],
    ['a name that cannot be kept', { 'a\0': 1 }, 'name of a claim'],
  ])('is refused beyond %s', (_what, claims, fault) => {
    expect(() => stated(claims)).toThrow(fault);
    expect(() => stated({}, claims)).toThrow(fault);
  });

  it('is refused where token and userinfo together are too large', () => {
    const half = 'x'.repeat(40_000);
    expect(stated({ a: half }).claims).toEqual({ a: half });
    expect(() => stated({ a: half }, { b: half })).toThrow('65536 bytes');
  });

  it('keeps claims that are named like members of every object', () => {
    const claims = JSON.parse('{"constructor": "c", "toString": "t", "hasOwnProperty": "h"}') as JsonObject;
    expect(Object.entries(stated(claims).claims)).toEqual(Object.entries(claims));
    expect(stated({}, {}, ['constructor', 'toString']).person.externalIds).toEqual([]);
  });
});

describe('what a token leaves out', () => {
  it.each<readonly [JsonObject, readonly string[]]>([
    [
      { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://x.example' } } },
      ['groups'],
    ],
    [{ _claim_names: { groups: 'src1', roles: 'src2' } }, ['groups', 'roles']],
    [{ hasgroups: true }, ['groups']],
    [{ hasgroups: 'true' }, ['groups']],
    [{ hasgroups: false }, []],
    [{ _claim_names: 'groups' }, []],
    [{ _claim_names: { groups: 'src1' }, groups: ['a'] }, []],
    [{}, []],
  ])('is known by %o', (claims, missing) => {
    expect(Object.keys(leftOut(claims))).toEqual(missing);
  });

  it('is not stated as a claim, and not as none', () => {
    const { claims, unreadable } = stated({ sub: 'ada', hasgroups: true, _claim_sources: {} });
    expect(claims).toEqual({ sub: 'ada' });
    expect(unreadable).toEqual({ groups: expect.stringMatching(/too many/) as string });
  });
});

describe('a list of exactly as many values as the provider sends at most', () => {
  const groups = (count: number): string[] => Array.from({ length: count }, (_, n) => `g-${n}`);
  const read = (claims: JsonObject, userinfo: JsonObject = {}) => stated(claims, userinfo, ['sub'], 100);

  it('is unreadable, whatever it is called, and no value of it is stated', () => {
    const { claims, unreadable } = read({ groups: groups(100), teams: groups(100), name: 'Ada' });
    const reason = 'it has exactly 100 values, at which the provider may have cut it off';
    expect([claims, unreadable]).toEqual([{ name: 'Ada' }, { groups: reason, teams: reason }]);
  });

  it('is read with one more or one less, from a provider that has no such bound, and where it is no list of texts', () => {
    for (const list of [
      groups(99),
      groups(101),
      [],
      groups(99)
        .concat('')
        .map(() => 7),
    ])
      expect(read({ groups: list })).toMatchObject({ claims: { groups: list }, unreadable: {} });
    expect(stated({ groups: groups(100) })).toMatchObject({ unreadable: {} });
  });

  it('is not asked about where userinfo has all of it', () => {
    const whole = read({ groups: groups(100) }, { groups: groups(130) });
    expect([whole.unreadable, whole.claims['groups']]).toEqual([{}, groups(130)]);
  });
});
