import { describe, expect, it } from 'vitest';
import { findAttribute, userType } from '../schema/index.js';
import { matches } from './matches.js';
import { parseFilter } from './parser.js';

const emails = findAttribute(userType.schema.attributes, 'emails')!;
const element = { value: 'Ada@Corp.example', type: 'work', primary: true };
const holds = (filter: string, of: object = element) => matches(parseFilter(filter), emails, of as never);

describe('a value filter over one element', () => {
  it.each([
    'type eq "work"',
    'TYPE EQ "WORK"',
    'value eq "ada@corp.example"',
    'value sw "ADA"',
    'value co "corp"',
    'value ew "EXAMPLE"',
    'primary eq true',
    'primary eq "True"',
    'primary ne false',
    'type ne "home"',
    'display eq null',
    'type ne null',
    'type pr',
    'not (type eq "home")',
    'type eq "home" or primary eq true',
    'type gt "home"',
    'type ge "work"',
    'type lt "x"',
    'type le "work"',
  ])('holds: %s', (filter) => {
    expect(holds(filter)).toBe(true);
  });

  it.each([
    'type eq "home"',
    'display pr',
    'unknown eq "x"',
    'unknown pr',
    '__proto__ eq "x"'.replace('__proto__', 'constructor'),
    'primary eq false',
    'primary eq "maybe"',
    'primary gt true',
    'type eq 5',
    'type eq null',
    'value sw "x"',
    'type eq "work" and primary eq false',
    'not (type pr)',
    'type gt null',
    'emails[type eq "work"]',
  ])('does not hold: %s', (filter) => {
    expect(holds(filter)).toBe(false);
  });

  it('takes a primary that is not there for false, and never fails on other shapes', () => {
    expect(holds('primary eq false', { value: 'x' })).toBe(true);
    expect(matches(parseFilter('type eq "x"'), emails, 'text')).toBe(false);
  });
});
