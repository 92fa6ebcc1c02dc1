import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';

const EMAIL = [{ value: 'ada@corp.example', type: 'work', primary: true }];
const OBJECT_ID = '283405f5c1d24ab09a4ef1a2b3c4d5e6';
const TOMBSTONE = `${OBJECT_ID}ada@corp.example`;

describe('somebody who is hired again', () => {
  const bridge = useBridge({ env: { RENAME_USERS: 'true' } });

  it('under another name and id has the same account, by the address', async () => {
    const { scim, simulator, admin } = bridge;
    const old = await scim.postUser('ada.l', { externalId: 'old-id', emails: EMAIL });
    const group = await scim.postGroup('Engineers', [old]);
    await bridge.untilSettled();
    const { id: accountId } = simulator.admin.user('adal');
    await scim.deleteUser(old);
    await bridge.untilSettled();
    expect(simulator.admin.user(accountId).status).toBe('suspended');

    const again = await scim.postUser('ada.byron', {
      externalId: 'new-id',
      emails: [{ value: 'ADA@corp.example', type: 'work', primary: true }],
    });
    await scim.addMembers(group, again);
    await bridge.untilSettled();
    expect(simulator.admin.user(accountId)).toMatchObject({ status: 'active', username: 'adabyron' });
    expect(simulator.admin.membersOf('engineers')).toEqual(['adabyron']);
    expect(await admin.targets()).toMatchObject({ failed: 0, held: 0 });
    expect(simulator.calls.count('POST /api/v2/users')).toBe(1);
  });
});

describe("Entra ID's names for who is in its recycle bin", () => {
  const bridge = useBridge({ env: { RENAME_USERS: 'true' } });
  /** All that Coder was ever told, and all that it has. */
  const inCoder = (): string => JSON.stringify([...bridge.simulator.state.users.values()]);

  it('never reach Coder, neither as a username nor as an address', async () => {
    const { scim, simulator, admin } = bridge;
    // Without an address of its own the userName is the address.
    const bare = await scim.postUser('ada@corp.example', { emails: [] });
    const other = await scim.postUser('grace@corp.example');
    await bridge.untilSettled();
    const accounts = () =>
      [...simulator.state.users.values()].map(({ username, email }) => [username, email]);
    const before = accounts();
    for (const [id, name] of [
      [bare, TOMBSTONE],
      [other, TOMBSTONE.replace('ada', 'grace')],
    ] as const) {
      await scim.patchUser(
        id,
        { op: 'Replace', path: 'active', value: 'False' },
        { op: 'Replace', path: 'userName', value: name },
      );
    }
    await bridge.untilSettled();
    expect(accounts()).toEqual(before);
    expect(simulator.admin.user('ada@corp.example').status).toBe('suspended');
    expect((await scim.get(`/Users/${bare}`)).body.userName).toBe(TOMBSTONE);

    // Restored by a name that is still the bin's, and brought to its own afterwards.
    await scim.activate(bare);
    await bridge.untilSettled();
    expect(accounts()).toEqual(before);
    await scim.patchUser(bare, { op: 'replace', path: 'userName', value: 'ada@corp.example' });
    await admin.sync();
    await bridge.untilSettled();
    expect(accounts()).toEqual(before);
    expect(inCoder()).not.toContain(OBJECT_ID);
  });

  it('nor where the account is made only then', async () => {
    const { scim, simulator } = bridge;
    const name = TOMBSTONE.replace('ada', 'linus');
    await scim.postUser(name, { name: { formatted: 'Linus' }, emails: [] });
    await bridge.untilSettled();
    expect(simulator.admin.user('linus')).toMatchObject({ email: 'linus@corp.example' });
    expect(inCoder()).not.toContain(OBJECT_ID);
  });

  it('nor by the address that it pushes beside them', async () => {
    const { scim, simulator } = bridge;
    const name = TOMBSTONE.replace('ada', 'alan');
    await scim.postUser(name, { name: { formatted: 'Alan' }, emails: [{ value: name, primary: true }] });
    await bridge.untilSettled();
    expect(simulator.admin.user('alan')).toMatchObject({ email: 'alan@corp.example' });
    expect(inCoder()).not.toContain(OBJECT_ID);
  });
});
