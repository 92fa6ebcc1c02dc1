import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';

const SUSPEND = 'PUT /api/v2/users/{user}/status/suspend';
const DELETE_USER = 'DELETE /api/v2/users/{user}';

describe('with other policies', () => {
  const bridge = useBridge({
    env: {
      DELETE_USERS: 'delete',
      NEW_USER_STATUS: 'active',
      LOGIN_TYPE: 'none',
      RENAME_USERS: 'true',
      PROTECTED_USERS: 'breakglass,vip@example.com',
    },
  });

  it('DELETE deletes the account, suspended first, and a new one is made after it', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('temp');
    await bridge.untilSettled();
    const { id: coderId, status, login_type: loginType } = simulator.admin.user('temp');
    expect({ status, loginType }).toEqual({ status: 'active', loginType: 'none' });
    simulator.calls.reset();
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(() => simulator.admin.user('temp')).toThrow('no user');
    expect(simulator.calls.byRoute()).toMatchObject({
      [SUSPEND]: { mutations: 1 },
      [DELETE_USER]: { mutations: 1 },
    });
    await scim.postUser('temp');
    await bridge.untilSettled();
    expect(simulator.admin.user('temp').id).not.toBe(coderId);
  });

  it('who owns workspaces cannot be deleted (417): suspended, and failed with the reason', async () => {
    const { scim, simulator, admin } = bridge;
    const id = await scim.postUser('worker');
    await bridge.untilSettled();
    simulator.admin.setWorkspaces('worker', 2);
    simulator.calls.reset();
    await scim.deleteUser(id);
    await bridge.untilSettled();
    expect(simulator.admin.user('worker').status).toBe('suspended');
    expect(await admin.failures()).toMatchObject([
      { id, failure: { kind: 'refused', step: expect.any(String), status: 417 } },
    ]);
    expect(simulator.calls.count(DELETE_USER)).toBe(2);
    simulator.admin.setWorkspaces('worker', 0);
    await admin.sync();
    await bridge.untilSettled();
    expect(() => simulator.admin.user('worker')).toThrow('no user');
    expect(await admin.failures()).toEqual([]);
  });

  it('protected accounts are neither suspended, deleted nor adopted', async () => {
    const { scim, simulator, admin } = bridge;
    const vip = await scim.postUser('vip');
    await bridge.untilSettled();
    simulator.admin.createUser({ username: 'breakglass', email: 'bg@example.com' });
    const bg = await scim.postUser('bg');
    await bridge.untilSettled();
    expect(await admin.failures()).toMatchObject([{ id: bg, failure: { step: 'adoptUser' } }]);
    simulator.calls.reset();
    await scim.deactivate(vip);
    await bridge.untilSettled();
    await scim.deleteUser(vip);
    await scim.deleteUser(bg);
    await bridge.untilSettled();
    expect(simulator.calls.countMutations()).toBe(0);
    expect(simulator.admin.user('vip').status).toBe('active');
    expect(simulator.admin.user('breakglass').status).toBe('active');
    expect(await admin.failures()).toEqual([]);
  });

  it('the username follows the userName where the policy says so', async () => {
    const { scim, simulator } = bridge;
    const id = await scim.postUser('maria');
    await bridge.untilSettled();
    const { id: coderId } = simulator.admin.user('maria');
    await scim.patchUser(id, { op: 'replace', path: 'userName', value: 'maria.married' });
    await bridge.untilSettled();
    expect(simulator.admin.user(coderId)).toMatchObject({ username: 'mariamarried', name: 'The maria' });
  });
});
