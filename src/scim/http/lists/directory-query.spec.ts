import { describe, expect, it } from 'vitest';
import {
  ENTERPRISE_USER_SCHEMA as ENT,
  groupType,
  parseFilter,
  USER_SCHEMA,
  userType,
} from '../../protocol/index.js';
import { directoryQuery } from './directory-query.js';

const BASE = 'https://bridge.example/scim/v2';
const user = (filter: string) => directoryQuery(userType, parseFilter(filter), BASE);
const group = (filter: string) => directoryQuery(groupType, parseFilter(filter), BASE);
const compare = (path: string[], value: unknown, more = {}) => ({
  kind: 'compare',
  operator: 'eq',
  attribute: { path, ...more },
  value,
});

describe('a filter in the terms of the directory', () => {
  it('carries how an attribute compares [C55] [C56] [C59]', () => {
    expect(user('USERNAME eq "a"')).toMatchObject(
      compare(['userName'], 'a', { caseExact: false, multiValued: false }),
    );
    expect(user('externalId eq "a"')).toMatchObject(compare(['externalId'], 'a', { caseExact: true }));
    expect(user('id eq "a"')).toMatchObject(compare(['id'], 'a', { caseExact: true }));
    expect(user(`${ENT}:manager eq "m"`)).toMatchObject(
      compare([ENT, 'manager', 'value'], 'm', { multiValued: false }),
    );
    expect(group('id eq "a" and members eq "b"')).toMatchObject({
      kind: 'and',
      terms: [compare(['id'], 'a'), compare(['members', 'value'], 'b', { multiValued: true })],
    });
    expect(group('members.value eq "b"')).toMatchObject(compare(['members', 'value'], 'b'));
  });

  it('asks the same value of a multi-valued attribute [C57]', () => {
    const where = {
      kind: 'and',
      terms: [compare(['type'], 'work', { multiValued: false }), compare(['value'], 'x')],
    };
    expect(user('emails[type eq "work" and value eq "x"]')).toMatchObject({
      kind: 'some',
      attribute: { path: ['emails'], multiValued: true },
      where,
    });
    expect(user('emails eq "x"')).toMatchObject(compare(['emails', 'value'], 'x', { multiValued: true }));
    expect(user('emails.value eq "x"')).toMatchObject(
      compare(['emails', 'value'], 'x', { multiValued: true }),
    );
    expect(user(`${ENT}:manager[value eq "m"]`)).toMatchObject(compare([ENT, 'manager', 'value'], 'm'));
  });

  it('knows attributes by their URN [C62]', () => {
    expect(user(`${USER_SCHEMA}:name.familyName eq "a"`)).toMatchObject(compare(['name', 'familyName'], 'a'));
    expect(user(`${ENT.toUpperCase()}:DEPARTMENT eq "a"`)).toMatchObject(compare([ENT, 'department'], 'a'));
  });

  it('gives values their type [C64] [C65]', () => {
    expect(user('active eq "True"')).toMatchObject(compare(['active'], true));
    expect(user('active eq false')).toMatchObject(compare(['active'], false));
    expect(user('meta.lastModified gt "2020-01-01T00:00:00+01:00"')).toMatchObject({
      operator: 'gt',
      value: '2019-12-31T23:00:00.000Z',
    });
  });

  it('takes a comparison with null for one of presence', () => {
    const title = { kind: 'present', attribute: { path: ['title'] } };
    expect(user('title ne null')).toMatchObject(title);
    expect(user('title eq null')).toMatchObject({ kind: 'not', term: title });
    expect(user('name eq null')).toMatchObject({ kind: 'not', term: { attribute: { path: ['name'] } } });
    expect(user('shoeSize eq null')).toEqual({ kind: 'nothing' });
  });

  it('lets an unknown attribute match nothing, and never everybody [C66]', () => {
    for (const filter of [
      'shoeSize eq "1"',
      'shoeSize pr',
      'shoeSize[a eq "b"]',
      'urn:x:y eq "1"',
      'password eq "x"',
      'name.nothing eq "x"',
      'shoeSize ne "1"',
    ]) {
      expect(user(filter)).toEqual({ kind: 'nothing' });
    }
    expect(user('emails[planet eq "x"]')).toMatchObject({ where: { kind: 'nothing' } });
    expect(() => user('not (shoeSize eq "1")')).toThrow(
      expect.objectContaining({ scimType: 'invalidFilter' }) as Error,
    );
    expect(() => user('emails[not (planet eq "1")]')).toThrow(
      expect.objectContaining({ scimType: 'invalidFilter' }) as Error,
    );
    expect(user('not (not (shoeSize eq "1"))')).toMatchObject({ kind: 'not' });
  });

  it.each([
    'active gt true',
    'active eq "x"',
    'active co "t"',
    'userName eq 5',
    'userName eq true',
    'name eq "x"',
    'meta.created eq "yesterday"',
    'meta.created co "2020"',
    'userName[value eq "x"]',
    'title gt null',
    'x509Certificates.value gt "AAAA"',
    'meta.location sw "https"',
    'meta.version eq "1"',
  ])('refuses what does not fit the type: %s', (filter) => {
    expect(() => user(filter)).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidFilter' }) as Error,
    );
  });

  it('takes a primary that is not stated for false', () => {
    const primary = (operator: string) => ({ where: { ...compare(['primary'], true), operator } });
    expect(user('emails[primary eq true]')).toMatchObject(primary('eq'));
    expect(user('emails[primary ne "False"]')).toMatchObject(primary('eq'));
    expect(user('emails[primary eq "False"]')).toMatchObject(primary('ne'));
    expect(user('emails[primary ne true]')).toMatchObject(primary('ne'));
  });

  it('reads days and times without a zone as UTC', () => {
    for (const time of ['2020-01-01', '2020-01-01T00:00:00', '2020-01-01T00:00:00.000Z']) {
      expect(user(`meta.created ge "${time}"`)).toMatchObject({ value: '2020-01-01T00:00:00.000Z' });
    }
  });

  it('finds a resource by where it is, and references by where they lead', () => {
    const nothing = { kind: 'nothing' };
    expect(user(`meta.location eq "${BASE}/Users/u-1"`)).toMatchObject(compare(['id'], 'u-1'));
    expect(user(`meta.location eq "${BASE}/Groups/u-1"`)).toEqual(nothing);
    expect(user('meta.location ne "https://elsewhere.example"')).toMatchObject({ kind: 'present' });
    expect(user(`groups.$ref eq "${BASE}/Groups/g-1"`)).toMatchObject(
      compare(['groups', 'value'], 'g-1', { multiValued: true }),
    );
    expect(group(`members[$ref eq "${BASE}/Users/u-1"]`)).toMatchObject({
      where: compare(['value'], 'u-1', { multiValued: false }),
    });
    expect(user(`${ENT}:manager.$ref pr`)).toMatchObject({
      kind: 'present',
      attribute: { path: [ENT, 'manager', 'value'] },
    });
    expect(() => user('userName pr and meta.location co "x"')).toThrow(/position 16: meta.location can be/);
  });

  it('knows of which schemas a resource holds data', () => {
    expect(user(`schemas eq "${USER_SCHEMA.toLowerCase()}"`)).toMatchObject({ kind: 'present' });
    expect(user('schemas pr')).toMatchObject({ kind: 'present', attribute: { path: ['id'] } });
    expect(user(`schemas eq "${ENT}"`)).toMatchObject({
      kind: 'or',
      terms: [{ kind: 'present', attribute: { path: [ENT] } }],
    });
    expect(user('schemas eq "urn:none"')).toMatchObject({ kind: 'or', terms: [] });
    expect(group(`schemas co "Group"`)).toMatchObject({ kind: 'present' });
  });

  it('takes an attribute of another type for one without a value, where several types are searched', () => {
    const mixed = (filter: string) => directoryQuery(groupType, parseFilter(filter), BASE, true);
    expect(mixed('not (userName eq "a")')).toEqual({ kind: 'not', term: { kind: 'nothing' } });
    expect(() => mixed('not (shoeSize eq "a")')).toThrow('is not known');
    expect(() => group('not (userName eq "a")')).toThrow('is not known');
  });

  it('knows the resource type without asking', () => {
    expect(user('meta.resourceType sw "Us" and meta.resourceType pr')).toMatchObject({ kind: 'and' });
    expect(user('meta.resourceType eq "User"')).toMatchObject({ kind: 'present' });
    expect(user('meta.resourceType eq "Group"')).toEqual({ kind: 'nothing' });
  });
});
