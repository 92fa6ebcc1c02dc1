import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { useBridge, type Answer } from './support/bridge.js';

const bad = (scimType: string) => ({ status: 400, body: { status: '400', scimType } });

describe('cursors', () => {
  const held = useBridge();
  const names = ({ body }: Answer): string[] =>
    body.Resources.map((one: { userName?: string; displayName: string }) => one.userName ?? one.displayName);
  const users = (query: string) => held.bridge.get(`/Users?${query}`);

  beforeAll(async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await held.bridge.user(name, { title: name < 'c' ? 'x' : 'y' });
    await held.bridge.post('/Groups', { displayName: 'team' });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('begin with an empty one and end where nextCursor is absent [C105]', async () => {
    const first = await users('cursor=&count=2');
    expect(first.body).toMatchObject({ totalResults: 5, itemsPerPage: 2 });
    expect(first.body.startIndex).toBeUndefined();
    expect(first.body.previousCursor).toBeUndefined();
    const second = await users(`cursor=${first.body.nextCursor}&count=2`);
    const third = await users(`cursor=${second.body.nextCursor}&count=2`);
    expect([first, second, third].flatMap(names)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(third.body).toMatchObject({ totalResults: 5, itemsPerPage: 1 });
    expect(third.body.nextCursor).toBeUndefined();
    const back = await users(`cursor=${third.body.previousCursor}&count=2`);
    expect(names(back)).toEqual(['c', 'd']);
    expect(names(await users(`cursor=${back.body.nextCursor}&count=2`))).toEqual(['e']);
    const start = await users(`cursor=${back.body.previousCursor}&count=2`);
    expect(names(start)).toEqual(['a', 'b']);
    expect(start.body.previousCursor).toBeUndefined();
    expect(names(await users('cursor&count=9'))).toHaveLength(5);
    const nobody = await users('cursor=&filter=userName%20eq%20%22zoe%22');
    expect(nobody.body).toMatchObject({ totalResults: 0, itemsPerPage: 0, Resources: [] });
    expect(nobody.body.nextCursor).toBeUndefined();
  });

  it('work with filters, orders and views [C105]', async () => {
    const query =
      'filter=title%20eq%20%22Y%22&sortBy=userName&sortOrder=descending&attributes=userName&count=2';
    const first = await users(`${query}&cursor=`);
    const second = await users(`${query}&cursor=${first.body.nextCursor}`);
    expect([first, second].flatMap(names)).toEqual(['e', 'd', 'c']);
    expect(second.body.nextCursor).toBeUndefined();
    expect(Object.keys(second.body.Resources[0]).toSorted()).toEqual(['id', 'schemas', 'userName']);
  });

  it.each([
    ['/Users/.search', ['a', 'b', 'c', 'd', 'e']],
    ['/.search', ['a', 'b', 'c', 'd', 'e', 'team']],
  ])('work in the body of %s [C107]', async (path, expected) => {
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const answer: Answer = await held.bridge.post(path, { cursor, count: 2 });
      seen.push(...names(answer));
      cursor = answer.body.nextCursor;
    }
    expect(seen).toEqual(expected);
  });

  it('are not there where nobody asks for them [C107]', async () => {
    const { body } = await users('count=2');
    expect(body).toMatchObject({ startIndex: 1, totalResults: 5, itemsPerPage: 2 });
    expect(body.nextCursor).toBeUndefined();
  });

  it('are refused with counts that are none [C106]', async () => {
    for (const count of ['0', '-1', '1001', 'many']) {
      expect(await users(`cursor=&count=${count}`)).toMatchObject(bad('invalidCount'));
    }
  });

  it('are URL-safe, and good for their own query of their own connection only [C106] [C109]', async () => {
    const { body } = await users('cursor=&count=2');
    expect(body.nextCursor).toMatch(/^[A-Za-z0-9._~-]+$/);
    const token = { token: held.bridge.otherToken, connection: 'second' };
    expect(await held.bridge.get(`/Users?cursor=${body.nextCursor}`, token)).toMatchObject(
      bad('invalidCursor'),
    );
    for (const path of [
      `/Groups?cursor=${body.nextCursor}`,
      `/Users?cursor=${body.nextCursor}&filter=title%20pr`,
      `/Users?cursor=${body.nextCursor}&sortBy=userName`,
      `/Users?cursor=${body.nextCursor}x`,
      `/Users?cursor=${body.nextCursor.slice(1)}`,
      '/Users?cursor=2',
      '/Users?cursor=%00',
      `/Users?cursor=${'a'.repeat(9000)}`,
    ]) {
      expect(await held.bridge.get(path), path).toMatchObject(bad('invalidCursor'));
    }
    expect((await held.bridge.get(`/Users?cursor=${body.nextCursor}`, { token: 'none' })).status).toBe(401);
  });

  it('are good for as long as the service says [C106] [C108]', async () => {
    const { pagination } = (await held.bridge.get('/ServiceProviderConfig')).body;
    expect(pagination).toEqual({
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: 100,
      maxPageSize: 1000,
      cursorTimeout: 3600,
    });
    // Time stands still but where it is moved.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const { nextCursor } = (await users('cursor=&count=2')).body;
    vi.setSystemTime(Date.now() + (pagination.cursorTimeout - 2) * 1000);
    expect(names(await users(`cursor=${nextCursor}&count=1`))).toEqual(['c']);
    vi.setSystemTime(Date.now() + 4000);
    expect(await users(`cursor=${nextCursor}&count=1`)).toMatchObject(bad('expiredCursor'));
  });

  it('lose and repeat nobody while users come and go [C45] [C109]', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined = '', n = 0; cursor !== undefined; n++) {
      const answer: Answer = await users(`cursor=${cursor}&count=1&sortBy=userName&filter=userName%20pr`);
      seen.push(...names(answer));
      cursor = answer.body.nextCursor;
      if (n === 0) {
        await held.bridge.user('0-before-all');
        for (const { id } of answer.body.Resources) await held.bridge.delete(`/Users/${id}`);
      }
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
