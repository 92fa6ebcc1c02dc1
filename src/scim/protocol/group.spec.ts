import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { allDialects } from '../dialects/index.js';
import { memberIds, readGroup } from './group.js';

const read = (body: object) => readGroup(body as JsonObject, allDialects);

describe('the body of a group', () => {
  it('has its members apart from its document, each once', () => {
    const body = {
      schemas: ['http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      displayName: 'Platform',
      externalId: 'e',
      members: [{ value: 'a', display: 'x', $ref: null }, { value: 'b' }, { value: 'a' }, null],
    };
    expect(read(body)).toEqual({
      facts: {
        displayName: 'Platform',
        externalId: 'e',
        document: { displayName: 'Platform', externalId: 'e' },
      },
      members: ['a', 'b'],
    });
  });

  it('tells members that are left out from an empty list [C71]', () => {
    expect(read({ displayName: 'x' }).members).toBeUndefined();
    expect(read({ displayName: 'x', members: null }).members).toBeUndefined();
    expect(read({ displayName: 'x', MEMBERS: [] }).members).toEqual([]);
  });

  it('needs a displayName [C26]', () => {
    expect(() => read({ members: [] })).toThrow(
      expect.objectContaining({ scimType: 'invalidValue' }) as Error,
    );
  });

  it('refuses members without an id, naming which [C36]', () => {
    expect(memberIds({ value: 'a' }, 'members')).toEqual(['a']);
    for (const element of [
      {},
      { value: 1 },
      { value: '' },
      5,
      [],
      { value: 'a\0' },
      { value: 'x'.repeat(600) },
    ]) {
      expect(() => memberIds([{ value: 'a' }, element] as never, 'members')).toThrow(
        expect.objectContaining({
          detail: expect.stringMatching(/^members\[1\]\.value: /) as string,
        }) as Error,
      );
    }
  });
});
