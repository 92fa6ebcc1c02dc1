import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import {
  applyPatch,
  groupType,
  parseFilter,
  PATCH_OP_SCHEMA,
  preparePatch,
  readGroup,
  readUser,
  strict,
  tolerate,
  USER_SCHEMA,
  userType,
  type Dialect,
  type Tolerance,
} from '../protocol/index.js';
import { decodeQueryValue, deviations, dialects, switchableDialects } from './index.js';

const CONTEXT = { type: userType, id: 'u-1' };
/** What operations are applied to: it has two roles, so that one of them can go. */
const BEFORE: JsonObject = {
  userName: 'ada',
  active: true,
  title: 'Lady',
  roles: [{ value: 'Admin' }, { value: 'Auditor' }],
};

/** What comes of a request: the document, or a filter's tree. */
function result(text: string, tolerance: Tolerance): unknown {
  if (!/^[[{]/.test(text)) return withoutPositions(parseFilter(tolerance.filter(text)));
  const sent = JSON.parse(text) as Json;
  if (isJsonObject(sent) && !('op' in sent)) return readUser({ schemas: [USER_SCHEMA], ...sent }, tolerance);
  const body: JsonObject = { schemas: [PATCH_OP_SCHEMA], Operations: isJsonObject(sent) ? [sent] : sent };
  const { operations } = preparePatch(CONTEXT, body, tolerance);
  return applyPatch(userType, BEFORE, operations, tolerance);
}

function withoutPositions(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'position' ? undefined : value)));
}

/** The legal form by the letter; where it is no request at all, nothing changes. */
function legalResult(legal: string): unknown {
  return legal === '[]' ? BEFORE : result(legal, strict);
}

/** Those whose examples are requests that can be made here; the others are made over HTTP. */
const onPaper = dialects.filter(
  ({ illegal, userName }) => !userName && !illegal.startsWith('PUT') && !illegal.startsWith('POST'),
);

const named = (name: string): Dialect => dialects.find((dialect) => dialect.name === name)!;

describe('deviations', () => {
  it('have a name each, and a file of that name', async () => {
    const names = deviations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const files = (await readdir(import.meta.dirname))
      .filter((file) => !file.endsWith('.spec.ts') && file !== 'index.ts')
      .map((file) => file.replace(/\.ts$/, ''));
    expect(names.sort()).toEqual(files.sort());
  });

  it('tell who sends them, and what both forms are', () => {
    for (const { from, illegal, legal } of deviations) {
      expect(from.length).toBeGreaterThan(0);
      expect(illegal.length * legal.length).toBeGreaterThan(0);
    }
    expect(switchableDialects).toEqual(['okta-post-again']);
  });

  it.each(onPaper.map(({ name }) => name))('%s: the illegal form does what the legal one does', (name) => {
    const dialect = named(name);
    expect(result(dialect.illegal, tolerate([dialect]))).toEqual(legalResult(dialect.legal));
  });

  it.each(onPaper.map(({ name }) => name))('%s: the illegal form does not do so by itself', (name) => {
    const { illegal, legal } = named(name);
    let outcome: unknown;
    try {
      outcome = result(illegal, strict);
    } catch (error) {
      outcome = error;
    }
    expect(outcome).not.toEqual(legalResult(legal));
  });

  it('entra-tombstone-user-name: finds the name that the person goes by, and takes nothing else for a tombstone', () => {
    const { userName } = named('entra-tombstone-user-name');
    expect(userName?.('283405f5c1d24ab09a4ef1a2b3c4d5e6ada@corp.example')).toBe('ada@corp.example');
    for (const name of [
      'ada@corp.example',
      '283405f5c1d24ab09a4ef1a2b3c4d5e6',
      '283405f5c1d24ab09a4ef1a2b3c4d5e6@corp.example',
      '283405f5c1d24ab09a4ef1a2b3c4d5eada@corp.example'.replace('eada', 'zada'),
      'x@283405f5c1d24ab09a4ef1a2b3c4d5e6ada@corp.example',
    ])
      expect(userName?.(name)).toBe(name);
  });

  it('keycloak-members-left-out: leaves members alone that a PUT does not name, and clears by an empty list', () => {
    const spoken = tolerate([named('keycloak-members-left-out')]);
    const body: JsonObject = { schemas: [groupType.schema.id], displayName: 'Platform' };
    expect(readGroup(body, spoken).members).toBeUndefined();
    expect(readGroup(body, strict).members).toEqual([]);
    expect(readGroup({ ...body, members: [] }, spoken).members).toEqual([]);
  });

  it('raw-plus-in-query: both forms decode to the same', () => {
    const { illegal, legal } = deviations.find(({ name }) => name === 'raw-plus-in-query')!;
    const value = (query: string) => decodeQueryValue(query.slice('?filter='.length));
    expect(value(illegal)).toBe(value(legal));
    expect(value(legal)).toBe('userName eq "ada+test@corp.example"');
  });
});
