import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { newId } from '../../../common/index.js';
import type { ShownGroup, ShownUser } from '../../../directory/index.js';
import { groupType, projectionOf, userType, wholeResource } from '../../protocol/index.js';
import { arrayOf, around, streamOf } from './json-parts.js';
import type { JsonParts } from './json-parts.js';
import { renderGroup, renderUser } from './render.js';

const BASE = 'https://bridge.example/scim/v2';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const at = new Date('2026-01-02T03:04:05.678Z');

const user = (document: object, groups?: ShownUser['groups']): ShownUser => ({
  id: newId(),
  version: 3,
  createdAt: at,
  modifiedAt: at,
  document: JSON.stringify(document),
  ...(groups && { groups }),
});
const group = (size: number): ShownGroup => ({
  id: newId(),
  version: 1,
  createdAt: at,
  modifiedAt: at,
  document: '{"displayName": "Ops \\"A\\""}',
  members: Array.from({ length: size }, (_, n) => ({ id: newId(), userName: `user "${n}"` })),
});
const whole = (parts: JsonParts): string => (typeof parts === 'string' ? parts : [...parts].join(''));
const parsed = (parts: JsonParts): Record<string, unknown> =>
  JSON.parse(whole(parts)) as Record<string, unknown>;

describe('a user as it goes out', () => {
  it('is the document, and what the bridge says of it', () => {
    const shown = user({ userName: 'ann "a"' }, [{ id: newId(), displayName: 'Ops "A"' }]);
    const [reference] = shown.groups ?? [];
    expect(parsed(renderUser(shown, BASE, wholeResource))).toEqual({
      schemas: [userType.schema.id],
      id: shown.id,
      userName: 'ann "a"',
      groups: [
        { value: reference?.id, $ref: `${BASE}/Groups/${reference?.id}`, display: 'Ops "A"', type: 'direct' },
      ],
      meta: {
        resourceType: 'User',
        created: at.toISOString(),
        lastModified: at.toISOString(),
        location: `${BASE}/Users/${shown.id}`,
        version: expect.stringMatching(/^W\/"3\b.*"$/),
      },
    });
  });

  it('lists the schemas of which it holds data, whatever its values say', () => {
    const schemas = (document: object) => parsed(renderUser(user(document), BASE, wholeResource))['schemas'];
    expect(schemas({ userName: 'a', [ENTERPRISE]: { department: 'x' } })).toEqual([
      userType.schema.id,
      ENTERPRISE,
    ]);
    expect(schemas({ userName: `"${ENTERPRISE}":`, title: ENTERPRISE })).toEqual([userType.schema.id]);
  });

  it('has the address of a manager who can be a user here', () => {
    const manager = (value: string) =>
      parsed(renderUser(user({ userName: 'a', [ENTERPRISE]: { manager: { value } } }), BASE, wholeResource))[
        ENTERPRISE
      ];
    const id = newId();
    expect(manager(id)).toEqual({ manager: { value: id, $ref: `${BASE}/Users/${id}` } });
    expect(manager('0042')).toEqual({ manager: { value: '0042' } });
  });
});

describe('a group as it goes out', () => {
  it('comes in parts when it is large, and says the same', () => {
    const shown = group(1_234);
    const parts = renderGroup(shown, BASE, wholeResource);
    expect(typeof parts).not.toBe('string');
    const { members, ...rest } = parsed(parts);
    expect(members).toEqual(
      shown.members?.map(({ id, userName }) => ({
        value: id,
        $ref: `${BASE}/Users/${id}`,
        display: userName,
        type: 'User',
      })),
    );
    const { members: _, ...small } = parsed(renderGroup({ ...shown, members: [] }, BASE, wholeResource));
    expect(rest).toEqual(small);
  });

  it.each([
    [['members.value'], []],
    [['displayName'], []],
    [['members.nothing'], []],
    [[], ['members.display', 'meta']],
    [[], ['members']],
  ])(
    'shows of a large one what it shows of a small one (attributes %j, excludedAttributes %j)',
    (names, excluded) => {
      const view = projectionOf(groupType, names, excluded);
      const shown = group(1_001);
      const [first] = shown.members ?? [];
      const small = parsed(renderGroup({ ...shown, members: first ? [first] : [] }, BASE, view));
      const { members, ...large } = parsed(renderGroup(shown, BASE, view)) as { members?: unknown[] };
      expect({ ...large, ...(members && { members: members.slice(0, 1) }) }).toEqual(small);
      expect(members?.length).toBe(small['members'] === undefined ? undefined : 1_001);
    },
  );
});

describe('answers in parts', () => {
  it('are whole where every part is', () => {
    expect(around('{"a":', arrayOf(['1', '2']), '}')).toBe('{"a":[1,2]}');
    expect(arrayOf([])).toBe('[]');
  });

  it('are streamed in their order, with turns for others between them', async () => {
    const made: string[] = [];
    function* parts(): Generator<string> {
      for (const part of ['1', ',', '2']) {
        made.push(part);
        yield part;
      }
    }
    const list = around('{"a":', arrayOf(['0', parts()]), '}');
    if (typeof list === 'string') throw new Error('whole');
    const stream = streamOf(list);
    const others: number[] = [];
    const tick = (): void => {
      others.push(made.length);
      if (made.length < 3) setImmediate(tick);
    };
    setImmediate(tick);
    expect(await text(stream)).toBe('{"a":[0,1,2]}');
    expect(new Set(others).size).toBeGreaterThan(2);
  });
});
