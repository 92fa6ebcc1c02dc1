import { describe, expect, it } from 'vitest';
import { GROUP, useBridge } from './support/bridge.js';

const bad = (scimType: string) => ({ status: 400, body: { status: '400', scimType } });
const NOBODY = '00000000-0000-7000-8000-000000000000';

describe('patching', () => {
  const held = useBridge();

  it('loses none of fifty members that join at once, and refuses strangers [C36] [C98]', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, (_, i) => held.bridge.user(`joins-${i}`)));
    const { body } = await held.bridge.post('/Groups', { displayName: 'Crowd' });
    const answers = await Promise.all(
      ids.map((value) =>
        held.bridge.patch(`/Groups/${body.id}`, { op: 'add', path: 'members', value: [{ value }] }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    const read = await held.bridge.get(`/Groups/${body.id}`);
    expect(read.body.members.map(({ value }: { value: string }) => value).sort()).toEqual([...ids].sort());
    expect(
      await held.bridge.patch(`/Groups/${body.id}`, {
        op: 'add',
        path: 'members',
        value: [{ value: NOBODY }],
      }),
    ).toMatchObject(bad('invalidValue'));
    expect(
      (
        await held.bridge.patch(`/Groups/${body.id}`, {
          op: 'remove',
          path: 'members',
          value: [{ value: NOBODY }, { value: 'x' }],
        })
      ).status,
    ).toBe(204);
    expect((await held.bridge.get(`/Groups/${body.id}`)).body).toEqual(read.body);
  });

  it('takes five thousand members in one operation, and their removal one by one [C97]', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 50; i++)
      ids.push(
        ...(await Promise.all(Array.from({ length: 100 }, (_, j) => held.bridge.user(`bulk-${i}-${j}`)))),
      );
    const { body } = await held.bridge.post('/Groups', { displayName: 'Thousands' });
    expect(
      (
        await held.bridge.patch(`/Groups/${body.id}`, {
          op: 'Add',
          path: 'members',
          value: ids.map((value) => ({ $ref: null, value })),
        })
      ).status,
    ).toBe(204);
    expect((await held.bridge.get(`/Groups/${body.id}`)).body.members).toHaveLength(5_000);
    expect(
      (
        await held.bridge.patch(
          `/Groups/${body.id}`,
          ...ids.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
        )
      ).status,
    ).toBe(204);
    expect((await held.bridge.get(`/Groups/${body.id}`)).body).not.toHaveProperty('members');
  });

  it('answers with the group where attributes are asked for [C94]', async () => {
    const { body } = await held.bridge.post('/Groups', { displayName: 'Asked' });
    const answer = await held.bridge.request('PATCH', `/Groups/${body.id}?attributes=displayName`, {
      body: {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'displayName', value: 'Answered' }],
      },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { schemas: [GROUP], id: body.id, displayName: 'Answered' },
    });
  });

  it('changes nothing when one operation fails, of a group neither [C76]', async () => {
    const id = await held.bridge.user('atomic');
    const before = (await held.bridge.get(`/Users/${id}`)).body;
    expect(
      await held.bridge.patch(
        `/Users/${id}`,
        { op: 'replace', path: 'title', value: 'x' },
        { op: 'replace', path: 'active', value: 'perhaps' },
      ),
    ).toMatchObject(bad('invalidValue'));
    expect((await held.bridge.get(`/Users/${id}`)).body).toEqual(before);
    const { body: group } = await held.bridge.post('/Groups', { displayName: 'Atomic' });
    expect(
      await held.bridge.patch(
        `/Groups/${group.id}`,
        { op: 'replace', path: 'displayName', value: 'Changed' },
        { op: 'add', path: 'members', value: [{ value: id }, { value: NOBODY }] },
      ),
    ).toMatchObject(bad('invalidValue'));
    expect((await held.bridge.get(`/Groups/${group.id}`)).body).toEqual(group);
  });

  it('leaves the version of what did not change [C95]', async () => {
    const id = await held.bridge.user('same', { title: 'x' });
    const { body: before } = await held.bridge.get(`/Users/${id}`);
    expect(
      (await held.bridge.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'x' })).body,
    ).toEqual(before);
    const changed = await held.bridge.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'y' });
    expect(changed.body.meta.version).not.toBe(before.meta.version);
  });
});
