import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { projectionOf } from './projection.js';
import { groupType, userType } from './schema/index.js';
import { ENTERPRISE_USER_SCHEMA as ENT, USER_SCHEMA } from './urns.js';

const user: JsonObject = {
  schemas: [USER_SCHEMA, ENT],
  id: 'u-1',
  userName: 'ada',
  name: { givenName: 'Ada', familyName: 'King' },
  emails: [{ value: 'a', type: 'work' }, { value: 'b' }],
  [ENT]: { department: 'R', manager: { value: 'm', $ref: 'x' } },
  meta: { location: 'x' },
};
const only = (...names: string[]) => projectionOf(userType, names, []).apply(user);
const without = (...names: string[]) => projectionOf(userType, [], names).apply(user);
const always = { schemas: user['schemas'], id: user['id'] };

describe('attributes and excludedAttributes', () => {
  it('show what was asked for, and id and schemas [C46]', () => {
    expect(only('userName')).toEqual({ ...always, userName: 'ada' });
    expect(only('USERNAME', ' meta ')).toEqual({ ...always, userName: 'ada', meta: user.meta });
    expect(only('nothing')).toEqual(always);
  });

  it('leave out what was excluded, wholly [C47]', () => {
    const group = { schemas: ['x'], id: 'g', displayName: 'd', members: [{ value: 'a' }] };
    const view = projectionOf(groupType, [], ['members']);
    expect(view.apply(group)).toEqual({ schemas: ['x'], id: 'g', displayName: 'd' });
    expect(view.shows('members')).toBe(false);
    expect(projectionOf(groupType, [], ['members.display']).shows('members')).toBe(true);
    expect(projectionOf(groupType, ['displayName'], []).shows('members')).toBe(false);
  });

  it('never leave out what is always returned [C48]', () => {
    expect(without('id', 'schemas', 'userName', 'name', 'emails', ENT, 'meta')).toEqual(always);
  });

  it('know sub-attributes and URNs [C49]', () => {
    expect(only('name.givenName', 'emails.value')).toEqual({
      ...always,
      name: { givenName: 'Ada' },
      emails: [{ value: 'a' }, { value: 'b' }],
    });
    expect(only('emails.type')).toEqual({ ...always, emails: [{ type: 'work' }] });
    expect(only(`${ENT}:department`)).toEqual({ ...always, [ENT]: { department: 'R' } });
    expect(only(`${ENT}:manager.value`, `${USER_SCHEMA}:userName`)).toEqual({
      ...always,
      userName: 'ada',
      [ENT]: { manager: { value: 'm' } },
    });
    expect(only(ENT.toUpperCase())).toEqual({ ...always, [ENT]: user[ENT] });
    expect(only('name.givenName', 'name')).toEqual({ ...always, name: user.name });
    expect(only(USER_SCHEMA)).toEqual({ ...always, userName: 'ada', name: user.name, emails: user.emails });
    expect(without('name.givenName', `${ENT}:manager`, 'emails.value')).toEqual({
      ...user,
      name: { familyName: 'King' },
      emails: [{ type: 'work' }],
      [ENT]: { department: 'R' },
    });
    expect(without('name.givenName', 'name.familyName')).not.toHaveProperty('name');
  });

  it('given together, attributes holds [C50]', () => {
    expect(projectionOf(userType, ['userName'], ['userName']).apply(user)).toEqual({
      ...always,
      userName: 'ada',
    });
  });

  it('pass over names that are none', () => {
    expect(only('__proto__', 'constructor', 'a.b.c', ':', 'userName')).toEqual({
      ...always,
      userName: 'ada',
    });
    expect(without('__proto__', '')).toEqual(user);
  });
});
