import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sealPersonal, storableJson, verifyPersonal } from './personal.js';

describe('personal values of the journal', () => {
  it('have the same digest whatever the order of their keys', () => {
    const salt = Buffer.alloc(16, 7);
    const one = sealPersonal({ email: 'ann@example.com', name: { family: 'Lee', given: 'Ann' } }, salt);
    const other = sealPersonal({ name: { given: 'Ann', family: 'Lee' }, email: 'ann@example.com' }, salt);
    expect(one.digest).toEqual(other.digest);
    const flat = sealPersonal({ email: 'ann@example.com', name: 'Ann\0', none: null }, salt);
    const turned = sealPersonal(
      { none: null, name: 'Ann\ufffd', gone: undefined, email: 'ann@example.com' },
      salt,
    );
    expect(flat.digest).toEqual(turned.digest);
  });

  it('are proven by SHA-256 over the salt and their canonical JSON', () => {
    const salt = Buffer.alloc(16, 7);
    const text = '{"email":"ann@example.com","name":{"family":"Lee","given":"Ann"}}';
    const digest = createHash('sha256').update(salt).update(text).digest();
    const values = { name: { given: 'Ann', family: 'Lee' }, email: 'ann@example.com' };
    expect(sealPersonal(values, salt).digest).toEqual(digest);
    const plain = createHash('sha256').update(salt).update('{"a":"1","b":null}').digest();
    expect(sealPersonal({ a: '1', b: null }, salt).digest).toEqual(plain);
  });

  it('have another digest with each salt, so that equal values of two rows cannot be told', () => {
    const values = { email: 'ann@example.com' };
    expect(sealPersonal(values).digest).not.toEqual(sealPersonal(values).digest);
  });

  it('have a salt of their own, however many there are', () => {
    const salts = Array.from({ length: 1_000 }, () => sealPersonal({}).column.salt);
    expect(new Set(salts).size).toBe(1_000);
    expect(salts.every((salt) => Buffer.from(salt, 'base64url').length === 16)).toBe(true);
    expect(salts).not.toContain(Buffer.alloc(16).toString('base64url'));
  });

  it('verify as they were, and not when anything was changed', () => {
    const { column, digest } = sealPersonal({ email: 'ann@example.com', gone: undefined });
    expect(verifyPersonal({ ...column, values: { email: 'ann@example.com' } }, digest)).toBe(true);
    expect(verifyPersonal({ ...column, values: { email: 'bob@example.com' } }, digest)).toBe(false);
    expect(verifyPersonal(column, digest.subarray(1))).toBe(false);
  });

  it('keep a key named __proto__ as data', () => {
    const value: unknown = JSON.parse('{"__proto__":{"x":1},"a":2}');
    expect(canonicalJson(value)).toBe('{"__proto__":{"x":1},"a":2}');
  });

  it('lose what jsonb cannot hold, rather than failing', () => {
    expect(storableJson({ a: 'x\0y', b: '\ud800z', c: '😀' })).toBe(
      '{"a":"x\ufffdy","b":"\ufffdz","c":"😀"}',
    );
  });
});
