import { beforeEach, describe, expect, it } from 'vitest';

import type { SyncMark } from '../directory/index.js';
import { IdpSyncChanges } from './idp-sync-changes.js';

type Digests = Readonly<Record<string, string>>;

describe('changes of the settings of IdP sync', () => {
  let mark: SyncMark;
  let inCoder: Digests;
  let steps: string[];
  let free: boolean;
  beforeEach(() => {
    mark = { id: 'c', name: 'okta', digests: { a: '1', b: '1' }, organizations: ['o'] };
    inCoder = { a: '1', b: '1' };
    steps = [];
    free = true;
  });

  function changes(broken?: 'read' | 'raise'): IdpSyncChanges {
    const marks = {
      all: () => Promise.resolve([mark]),
      changed: async () => void steps.push('changed'),
      claimants: () => Promise.resolve(['ann', 'bob']),
      remember: async (_id: string, digests: Digests) => {
        steps.push('remember');
        mark = { ...mark, digests };
      },
    };
    const digests = {
      of: () =>
        broken === 'read' ? Promise.reject(new Error('away')) : Promise.resolve(new Map([['okta', inCoder]])),
    };
    const dirty = {
      raise: async (ids: readonly string[]) => {
        if (broken === 'raise') throw new Error('away');
        steps.push(`raise ${ids.join(' ')}`);
        return [];
      },
    };
    const lock = { renew: () => Promise.resolve(true), release: async () => void steps.push('release') };
    const locks = { tryAcquire: () => Promise.resolve(free ? lock : null) };
    return new IdpSyncChanges(marks, digests, dirty, { wake: () => undefined }, locks);
  }

  it('raise everybody who has claims, once, and only then are remembered', async () => {
    inCoder = { a: '1', b: '2' };
    expect(await changes().take()).toBe(2);
    expect(steps).toEqual(['changed', 'raise ann bob', 'remember', 'release']);
    steps.length = 0;
    expect(await changes().take()).toBe(0);
    expect(steps).toEqual(['release']);
  });

  it('raise nobody by a part that cannot be read, which is compared once it can', async () => {
    inCoder = { a: '1' };
    expect(await changes().take()).toBe(0);
    inCoder = { a: '2' };
    expect(await changes().take()).toBe(2);
    expect(mark.digests).toEqual({ a: '2', b: '1' });
    inCoder = { a: '2', b: '2' };
    expect(await changes().take()).toBe(2);
  });

  it('are taken up by the next turn where one was cut short, and by one replica at a time', async () => {
    inCoder = { a: '2', b: '1' };
    await expect(changes('read').take()).rejects.toThrow('away');
    expect(steps).toEqual(['release']);
    await expect(changes('raise').take()).rejects.toThrow('away');
    expect(mark.digests).toEqual({ a: '1', b: '1' });
    free = false;
    expect(await changes().take()).toBe(0);
    expect(await changes().takeNow()).toBe(2);
  });
});
