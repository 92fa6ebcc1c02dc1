import { describe, expect, it } from 'vitest';
import { ERROR, patchOp, useBridge, type Answer } from './support/bridge.js';

const ENDPOINTS = [
  ['/Users', 'userName'],
  ['/Groups', 'displayName'],
] as const;

describe.each(ENDPOINTS)('entity tags of %s', (endpoint, name) => {
  const held = useBridge();
  let made = 0;

  async function resource(): Promise<{ path: string; tag: string; body: Answer['body'] }> {
    const answer = await held.bridge.post(endpoint, { [name]: `tagged-${++made}` });
    return {
      path: `${endpoint}/${answer.body.id}`,
      tag: answer.headers.get('etag') ?? '',
      body: answer.body,
    };
  }
  const when = (headers: Record<string, string>) => ({ headers });
  const rename = () => patchOp({ op: 'replace', path: name, value: `renamed-${++made}` });
  const patch = (path: string, body: object, headers: Record<string, string>) =>
    held.bridge.request('PATCH', path, { body, headers });

  function refused(answer: Answer): void {
    expect(answer).toMatchObject({ status: 412, body: { schemas: [ERROR], status: '412' } });
    expect(answer.body.detail).toMatch(/^If-(None-)?Match: /);
  }

  it('equal meta.version, in every answer that shows the resource [C104]', async () => {
    const { path, tag, body } = await resource();
    expect(tag).toMatch(/^W\/"[^"]+"$/);
    expect(body.meta.version).toBe(tag);
    const read = await held.bridge.get(path);
    expect([read.headers.get('etag'), read.body.meta.version]).toEqual([tag, tag]);
    const put = await held.bridge.put(path, { [name]: `put-${made}` });
    expect(put.headers.get('etag')).toBe(put.body.meta.version);
    expect(put.body.meta.version).not.toBe(tag);
    const patched = await held.bridge.request('PATCH', path, { body: rename() });
    expect(patched.headers.get('etag')).toBe((await held.bridge.get(path)).body.meta.version);
  });

  it('let a change pass whose If-Match names the version, and no other [C104]', async () => {
    const { path, tag } = await resource();
    for (const header of ['W/"0"', '"other"', '', 'W/"'])
      refused(await patch(path, rename(), { 'if-match': header }));
    refused(await held.bridge.put(path, { [name]: 'x' }, when({ 'if-match': 'W/"0"' })));
    refused(await held.bridge.delete(path, when({ 'if-match': 'W/"0"' })));
    expect((await held.bridge.get(path)).body.meta.version).toBe(tag);

    const second = await patch(path, rename(), { 'if-match': `"x", ${tag}` });
    expect(second.status).toBeLessThan(300);
    refused(await patch(path, rename(), { 'if-match': tag }));
    const third = await held.bridge.put(path, { [name]: `third-${made}` }, when({ 'if-match': '*' }));
    expect(third.status).toBe(200);
    expect((await held.bridge.delete(path, when({ 'if-match': third.body.meta.version }))).status).toBe(204);
    expect((await held.bridge.delete(path, when({ 'if-match': '*' }))).status).toBe(404);
  });

  it('let a change be refused by If-None-Match too [C104]', async () => {
    const { path, tag } = await resource();
    refused(await patch(path, rename(), { 'if-none-match': '*' }));
    refused(await patch(path, rename(), { 'if-none-match': tag }));
    expect((await patch(path, rename(), { 'if-none-match': 'W/"0"' })).status).toBeLessThan(300);
  });

  it('answer 304 without a body to who has the resource already [C104]', async () => {
    const { path, tag } = await resource();
    for (const header of [tag, `"x", ${tag}`, '*', tag.slice(2)]) {
      const answer = await held.bridge.get(path, when({ 'if-none-match': header }));
      expect([answer.status, answer.text, answer.headers.get('etag')], header).toEqual([304, '', tag]);
    }
    await patch(path, rename(), {});
    expect((await held.bridge.get(path, when({ 'if-none-match': tag }))).status).toBe(200);
    const unknown = `${endpoint}/00000000-0000-7000-8000-000000000000`;
    expect((await held.bridge.get(unknown, when({ 'if-none-match': '*' }))).status).toBe(404);
  });

  it('let one of twenty changes pass that name the same version at once [C104]', async () => {
    const { path, tag } = await resource();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => patch(path, rename(), { 'if-match': tag })),
    );
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status >= 300)) refused(answer);
  });

  it('stay what they are where nothing changes, condition or not [C95]', async () => {
    const { path, tag, body } = await resource();
    const same = patchOp({ op: 'replace', path: name, value: body[name] });
    expect((await patch(path, same, { 'if-match': tag })).status).toBeLessThan(300);
    expect((await held.bridge.get(path)).body.meta.version).toBe(tag);
  });
});

describe('entity tags and members', () => {
  const held = useBridge();

  it('guard a change of members alone [C98] [C104]', async () => {
    const value = await held.bridge.user('guarded');
    const { body } = await held.bridge.post('/Groups', { displayName: 'Guarded' });
    const add = (headers: Record<string, string>) =>
      held.bridge.request('PATCH', `/Groups/${body.id}`, {
        body: patchOp({ op: 'add', path: 'members', value: [{ value }] }),
        headers,
      });
    expect((await add({ 'if-match': 'W/"0"' })).status).toBe(412);
    expect((await held.bridge.get(`/Groups/${body.id}`)).body).not.toHaveProperty('members');
    expect((await add({ 'if-match': body.meta.version })).status).toBe(204);
    expect((await held.bridge.get(`/Groups/${body.id}`)).body.members).toHaveLength(1);
  });

  it('of a user change with the groups that are shown, and still guard the user [C104]', async () => {
    const id = await held.bridge.user('in-groups');
    const read = (tag?: string) =>
      held.bridge.get(`/Users/${id}`, tag === undefined ? {} : { headers: { 'if-none-match': tag } });
    const alone = (await read()).body.meta.version;
    const { body: group } = await held.bridge.post('/Groups', {
      displayName: 'Shown',
      members: [{ value: id }],
    });
    const within = await read(alone);
    expect(within).toMatchObject({ status: 200, body: { groups: [{ display: 'Shown' }] } });
    expect((await read(within.body.meta.version)).status).toBe(304);
    await held.bridge.patch(`/Groups/${group.id}`, { op: 'replace', path: 'displayName', value: 'Renamed' });
    const renamed = await read(within.body.meta.version);
    expect(renamed).toMatchObject({ status: 200, body: { groups: [{ display: 'Renamed' }] } });
    // Whoever read the user before it joined the group loses nothing by changing the user; nor who read it since.
    const put = (tag: string, title: string) =>
      held.bridge.put(`/Users/${id}`, { userName: 'in-groups', title }, { headers: { 'if-match': tag } });
    const first = await put(alone, 'x');
    expect(first.status).toBe(200);
    expect((await put(renamed.body.meta.version, 'y')).status).toBe(412);
    expect((await put(first.body.meta.version, 'y')).status).toBe(200);
  });
});
