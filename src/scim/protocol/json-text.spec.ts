import { describe, expect, it } from 'vitest';
import { parseJson, requireObject, valueOf } from './json-text.js';

describe('the body of a request', () => {
  it('is JSON of at most 64 levels, brackets in strings not counted', () => {
    expect(parseJson(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined();
    expect(parseJson(JSON.stringify({ a: '[['.repeat(100) + '\\"' }))).toBeDefined();
    expect(() => parseJson(`${'['.repeat(65)}${']'.repeat(65)}`)).toThrow(/64 levels/);
    expect(() => parseJson('{"a":'.repeat(5_000))).toThrow(/64 levels/);
  });

  it('is refused as invalidSyntax, without quoting it, where it is no JSON', () => {
    for (const text of ['{', 'nil', "{'a':1}", '{"a":1,}', '"\\']) {
      expect(() => parseJson(text)).toThrow(
        expect.objectContaining({ scimType: 'invalidSyntax', detail: 'the body is not valid JSON' }) as Error,
      );
    }
  });

  it('may begin with a byte order mark', () => {
    expect(parseJson('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it('must be an object', () => {
    for (const body of [undefined, null, 1, 'x', [], true]) {
      expect(() => requireObject(body)).toThrow(
        expect.objectContaining({ scimType: 'invalidSyntax' }) as Error,
      );
    }
  });

  it('has keys in any case, of which the exact one goes first [C37]', () => {
    expect(valueOf({ OPERATIONS: 1, operations: 2 }, 'Operations')).toBe(1);
    expect(valueOf({ operations: 2, Operations: 3 }, 'Operations')).toBe(3);
    expect(valueOf(JSON.parse('{"__proto__":1}') as never, 'toString')).toBeUndefined();
  });
});
