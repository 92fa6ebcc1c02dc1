import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';
import type { TestBridge } from '../support/bridge.js';

const POST_USER = 'POST /api/v2/users';
const SUSPEND = 'PUT /api/v2/users/{user}/status/suspend';
const ACTIVATE = 'PUT /api/v2/users/{user}/status/activate';
const PROFILE = 'PUT /api/v2/users/{user}/profile';

/** Actions that the journal has of a target, oldest first. */
async function journal({ database }: TestBridge, id: string): Promise<string[]> {
  const rows = await database.query<{ action: string }>(
    'SELECT action FROM bridge.journal WHERE target_id = $1 ORDER BY id',
    [id],
  );
  return rows.map(({ action }) => action);
}

describe('a user in Coder', () => {
  const bridge = useBridge();

  it('is created dormant, for single sign-on, in the organization, with name and email', async () => {
    const { scim, simulator } = bridge;
    await scim.postUser('j.doe@corp.example', { name: { givenName: 'Jane', familyName: 'Doe' } });
    await bridge.untilSettled();
    const account = simulator.admin.user('jdoe');
    expect(account).toMatchObject({
      email: 'j.doe@corp.example',
      name: 'Jane Doe',
      status: 'dormant',
      login_type: 'oidc',
    });
    const { members, defaultOrganization } = simulator.state;
    expect(members.get(defaultOrganization.id)?.has(account.id)).toBe(true);
  });

  it('is adopted by email whatever its case, and keeps its username', async () => {
    const { scim, simulator } = bridge;
    const before = simulator.admin.createUser({ username: 'robert', email: 'Bob@Example.COM', name: 'Bob' });
    simulator.calls.reset();
    const id = await scim.postUser('bob', { name: { formatted: 'Bob' } });
    await bridge.untilSettled();
    expect(simulator.calls.mutations()).toEqual([]);
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('robert')).toMatchObject({ id: before.id, status: 'suspended' });
  });

  it('is never adopted by its username alone: the second one of that name is called ann-2', async () => {
    const { scim, simulator } = bridge;
    const foreign = simulator.admin.createUser({ username: 'ann', email: 'ann@elsewhere.example' });
    const id = await scim.postUser('ann');
    await bridge.untilSettled();
    expect(simulator.admin.user('ann@example.com')).toMatchObject({ username: 'ann-2' });
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('ann-2').status).toBe('suspended');
    expect(simulator.admin.user(foreign.id)).toMatchObject({ username: 'ann', status: 'active' });
  });

  it('that was made after the list of users was read is not adopted by its username either', async () => {
    const { scim, simulator } = bridge;
    await scim.postUser('warm-up');
    await bridge.untilSettled();
    const foreign = simulator.admin.createUser({ username: 'zoe', email: 'zoe@elsewhere.example' });
    await scim.postUser('zoe');
    await bridge.untilSettled();
    expect(simulator.admin.user('zoe@example.com').username).toBe('zoe-2');
    expect(simulator.admin.user('zoe').id).toBe(foreign.id);
  });

  it('follows the name, the deactivation, the activation and the deletion', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('carl');
    await bridge.untilSettled();
    simulator.calls.reset();
    await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Carl the Great' });
    await bridge.untilSettled();
    expect(simulator.admin.user('carl').name).toBe('Carl the Great');
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('carl').status).toBe('suspended');
    await scim.activate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('carl').status).toBe('active');
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('carl').status).toBe('suspended');
    expect(simulator.calls.mutations().map((call) => `${call.method} ${call.route}`)).toEqual([
      PROFILE,
      SUSPEND,
      ACTIVATE,
      SUSPEND,
    ]);
  });

  it('keeps organization and groups while suspended', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('gert');
    await scim.postGroup('Gardeners', [id]);
    await bridge.untilSettled();
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('gardeners')).toEqual(['gert']);
    const { members, defaultOrganization } = simulator.state;
    expect(members.get(defaultOrganization.id)?.has(simulator.admin.user('gert').id)).toBe(true);
  });

  it('that has another email there is noted once, and not tried for ever', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('dora');
    await bridge.untilSettled();
    simulator.calls.reset();
    await scim.patchUser(id, { op: 'replace', path: 'emails[type eq "work"].value', value: 'd@new.example' });
    expect(await bridge.untilSettled()).toMatchObject({ dirty: 0, failed: 0 });
    expect(simulator.admin.user('dora').email).toBe('dora@example.com');
    expect((await bridge.admin.sync()).body).toMatchObject({ outcome: 'done' });
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
    expect((await journal(bridge, id)).filter((action) => action === 'note.emailDrift')).toHaveLength(1);
  });

  it('is not created while inactive, but once active', async () => {
    const { scim, simulator } = bridge;
    simulator.calls.reset();
    const id = await scim.postUser('emma', { active: false });
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
    await scim.activate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('emma').status).toBe('dormant');
  });

  it('belongs to the first of two users with one email; the second is failed, and tried again when it changes', async () => {
    const { scim, simulator, admin } = bridge;
    const email = (value: string) => ({ emails: [{ value, type: 'work', primary: true }] });
    await scim.postUser('first', email('shared@example.com'));
    const second = await scim.postUser('second', email('Shared@Example.com'));
    await bridge.untilSettled();
    expect(simulator.admin.user('shared@example.com').username).toBe('first');
    expect(await admin.failures()).toMatchObject([{ id: second, failure: { kind: 'uniqueness' } }]);
    await scim.putUser(second, 'second', email('second@example.com'));
    await bridge.untilSettled();
    expect(simulator.admin.user('second').email).toBe('second@example.com');
    expect(await admin.failures()).toEqual([]);
  });

  it('without an email is failed, and says so', async () => {
    const { scim, admin } = bridge;
    const id = await scim.postUser('nomail', { emails: [] });
    await bridge.untilSettled();
    expect(await admin.failures()).toMatchObject([{ id, failure: { kind: 'invalidValue' } }]);
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(await admin.failures()).toEqual([]);
  });

  it('is taken over by a re-creation after DELETE, under the same Coder id', async () => {
    const { scim, simulator } = bridge;
    const old = await scim.postUser('frank', { externalId: 'ext-frank' });
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.user('frank');
    await scim.deleteUser(old);
    await bridge.untilSettled();
    simulator.calls.reset();
    const id = await scim.postUser('frank', { externalId: 'ext-frank' });
    await bridge.untilSettled();
    expect(id).not.toBe(old);
    expect(simulator.admin.user('frank')).toMatchObject({ id: coderId, status: 'active' });
    expect(simulator.calls.countMutations(POST_USER)).toBe(0);
  });

  it('that was deleted in Coder behind the back is made anew, and the loss journaled', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('gone');
    const group = await scim.postGroup('Ghosts', [id]);
    await bridge.untilSettled();
    const { id: lost } = simulator.admin.user('gone');
    simulator.admin.deleteUser('gone');
    await bridge.admin.sync();
    await scim.patchUser(id, { op: 'replace', path: 'name.formatted', value: 'Gone Again' });
    await bridge.untilSettled();
    const made = simulator.admin.user('gone');
    expect(made.id).not.toBe(lost);
    expect(made.name).toBe('Gone Again');
    expect(simulator.admin.membersOf('ghosts')).toEqual(['gone']);
    expect(await journal(bridge, id)).toEqual(
      expect.arrayContaining(['coder.user.gone', 'coder.user.created']),
    );
    await scim.deleteGroup(group);
    await bridge.untilSettled();
  });

  it('that was deleted in Coder behind the back is made anew when the person comes back', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('ghost');
    await bridge.untilSettled();
    await scim.deactivate(id);
    await bridge.untilSettled();
    const { id: lost } = simulator.admin.user('ghost');
    simulator.admin.deleteUser('ghost');
    await scim.activate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('ghost').id).not.toBe(lost);
  });

  it('that was renamed in Coder behind the back is still the same', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('hugo');
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.user('hugo');
    simulator.admin.updateUser('hugo', { username: 'victor' });
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('victor')).toMatchObject({ id: coderId, status: 'suspended' });
    expect(() => simulator.admin.user('hugo')).toThrow('no user');
  });

  it('with the site role owner is never suspended: the user is failed until the role is gone', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postUser('boss');
    await bridge.untilSettled();
    simulator.admin.setRoles('boss', ['owner']);
    await scim.deactivate(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('boss').status).toBe('dormant');
    expect(await admin.failures()).toMatchObject([
      { id, failure: { kind: 'refused', detail: expect.stringContaining('owner') } },
    ]);
    simulator.admin.setRoles('boss', []);
    await admin.sync();
    await bridge.untilSettled();
    expect(simulator.admin.user('boss').status).toBe('suspended');
    expect(await admin.failures()).toEqual([]);
  });

  it('that is the account of the bridge itself is not adopted', async () => {
    const { scim, simulator, admin } = bridge;
    simulator.calls.reset();
    const id = await scim.postUser('idp-bridge', {
      emails: [{ value: 'idp-bridge@coder.example', primary: true }],
    });
    await bridge.untilSettled();
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
    expect(simulator.admin.user('idp-bridge').status).toBe('active');
    expect(await admin.failures()).toEqual([]);
  });
});
