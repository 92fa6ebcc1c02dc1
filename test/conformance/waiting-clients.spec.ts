import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/index.js';
import {
  groupBody,
  patchOp,
  ScimClient,
  startTestBridge,
  useBridge,
  userBody,
  type Answer,
} from '../support/bridge.js';
import { configFile } from '../support/config-file.js';

const SUSPENSION = { method: 'PUT', route: '/api/v2/users/{user}/status/suspend' };
const CREATION = { method: 'POST', route: '/api/v2/users' };

const lookup = (attribute: string, value: string) =>
  `filter=${encodeURIComponent(`${attribute} eq "${value}"`)}`;

/** The refusals that a client sees, by what Coder said. */
const CONFLICT = { status: 409, body: { status: '409', scimType: 'uniqueness' } };
const REFUSED = { status: 400, body: { status: '400', scimType: 'invalidValue' } };

describe('after a refusal by Coder, while pushes wait for it,', () => {
  const bridge = useBridge({ env: { SCIM_WAIT_MS: '20000' } });
  const find = async (endpoint: string, attribute: string, value: string): Promise<string | undefined> => {
    const { body } = await bridge.scim.get(`${endpoint}?${lookup(attribute, value)}`);
    return body.Resources[0]?.id;
  };
  /** What Okta does when a person is assigned. */
  const assign = async (userName: string, email: string): Promise<Answer> => {
    const body = userBody(userName, {
      externalId: `00u-${userName}`,
      emails: [{ value: email, primary: true }],
    });
    const id = await find('/Users', 'userName', userName);
    return id === undefined
      ? bridge.scim.post('/Users', body)
      : bridge.scim.request('PUT', `/Users/${id}`, { ...body, id });
  };
  const patch = (path: string, ...operations: JsonObject[]) =>
    bridge.scim.request('PATCH', path, patchOp(...operations));

  afterEach(async () => {
    bridge.simulator.faults.clear();
    await bridge.untilSettled();
  });

  it('Okta shows a failed task, and the retry of a creation arrives once the cause is gone', async () => {
    const { simulator } = bridge;
    const holder = (await assign('holder', 'shared@example.com')).body.id;
    // The task fails; a retry before anybody looked fails as the first one did, and leaves nothing behind either.
    for (const _attempt of [1, 2]) {
      expect(await assign('claimant', 'shared@example.com')).toMatchObject(CONFLICT);
      expect(() => simulator.admin.user('claimant')).toThrow('no user');
    }
    // The admin gives the holder its own address, and retries the task.
    expect((await bridge.scim.request('PUT', `/Users/${holder}`, userBody('holder'))).status).toBe(200);
    expect((await assign('claimant', 'claimant@example.com')).status).toBe(201);
    expect(simulator.admin.user('claimant')).toMatchObject({
      email: 'claimant@example.com',
      status: 'dormant',
    });
  });

  it('Okta deactivates in a task that fails, and the retried task suspends', async () => {
    const { simulator, admin } = bridge;
    const { id } = (await assign('leaver', 'leaver@example.com')).body;
    simulator.faults.add({ kind: 'status', status: 403, match: SUSPENSION });
    const off = { op: 'replace', value: { active: false } };
    expect(await patch(`/Users/${id}`, off)).toMatchObject(REFUSED);
    expect(simulator.admin.user('leaver').status).toBe('dormant');
    expect(await admin.failures()).toMatchObject([{ id, failure: { status: 403 } }]);
    simulator.faults.clear();
    expect((await patch(`/Users/${id}`, off)).status).toBe(200);
    expect(simulator.admin.user('leaver').status).toBe('suspended');
    expect(await admin.failures()).toEqual([]);
  });

  it('Entra ID reports a conflict, looks up again at its next cycle, and creates', async () => {
    const { simulator } = bridge;
    simulator.admin.createGroup({ name: 'platform' });
    const cycle = async () => {
      const id = await find('/Groups', 'displayName', 'Platform');
      return id === undefined ? bridge.scim.post('/Groups', groupBody('Platform')) : 'matched';
    };
    // The creation was undone, so that the lookups of later cycles find nothing that Coder does not have.
    for (const _cycle of [1, 2]) expect(await cycle()).toMatchObject(CONFLICT);
    simulator.admin.deleteGroup('platform');
    expect(await cycle()).toMatchObject({ status: 201 });
    expect(simulator.admin.group('platform').display_name).toBe('Platform');
    expect(await cycle()).toBe('matched');
  });

  it('Entra ID repeats a refused change at its next cycle until it is taken', async () => {
    const { simulator } = bridge;
    const id = await bridge.scim.postUser('cycled');
    simulator.faults.add({ kind: 'status', status: 400, body: { message: 'Not now.' }, match: SUSPENSION });
    const off = { op: 'Replace', path: 'active', value: 'False' };
    for (const _cycle of [1, 2]) {
      const refused = await patch(`/Users/${id}`, off);
      expect(refused).toMatchObject(REFUSED);
      expect(refused.body.detail).toContain('Not now.');
    }
    simulator.faults.clear();
    expect((await patch(`/Users/${id}`, off)).status).toBe(200);
    expect(simulator.admin.user('cycled').status).toBe('suspended');
  });

  it('authentik adopts after a 409 what the directory has, and creates later what only Coder refused', async () => {
    const { simulator } = bridge;
    const create = (userName: string, email: string) =>
      bridge.scim.post(
        '/Users',
        userBody(userName, { externalId: 'ak', emails: [{ value: email, primary: true }] }),
      );
    const present = await bridge.scim.postUser('akadmin');
    expect(await create('AKADMIN', 'akadmin@example.com')).toMatchObject(CONFLICT);
    expect(await find('/Users', 'userName', 'AKADMIN')).toBe(present);
    await bridge.scim.putUser(present, 'akadmin', { externalId: 'ak', name: { formatted: 'Adopted' } });
    expect(simulator.admin.user('akadmin').name).toBe('Adopted');
    await bridge.scim.putUser(present, 'akadmin', { externalId: 'other' });

    // Refused by Coder alone: the lookup finds nothing to adopt, and the next run creates.
    expect(await create('second', 'akadmin@example.com')).toMatchObject(CONFLICT);
    expect(await find('/Users', 'userName', 'second')).toBeUndefined();
    expect((await create('second', 'second@example.com')).status).toBe(201);
    expect(simulator.admin.user('second').status).toBe('dormant');
  });

  it('a lost seat is taken and given back: suspended by active false, let in by active true [C99]', async () => {
    const { simulator } = bridge;
    const { id } = (await assign('back', 'back@example.com')).body;
    await patch(`/Users/${id}`, { op: 'replace', value: { active: false } });
    expect(simulator.admin.user('back').status).toBe('suspended');
    await patch(`/Users/${id}`, { op: 'replace', value: { active: true } });
    expect(simulator.admin.user('back').status).not.toBe('suspended');
  });
});

describe('while Coder is away', () => {
  const bridge = useBridge({ env: { SCIM_WAIT_MS: '100' } });
  afterEach(async () => {
    bridge.simulator.faults.clear();
    await bridge.untilSettled();
  });

  it.each([
    ['answers 503', { kind: 'status', status: 503 }],
    ['does not answer', { kind: 'hang' }],
  ] as const)(
    'and %s, every client is told 2xx, sends nothing again, and it arrives by itself',
    async (_how, fault) => {
      const { scim, simulator, admin } = bridge;
      const name = `away-${fault.kind}`;
      const leaver = await scim.postUser(`${name}-leaver`);
      await bridge.untilSettled();
      for (const match of [CREATION, SUSPENSION]) simulator.faults.add({ ...fault, match });
      const created = await scim.post('/Users', userBody(name));
      expect(created.status).toBe(201);
      await scim.deactivate(leaver);
      expect((await scim.get(`/Users/${leaver}`)).body.active).toBe(false);
      expect(simulator.admin.user(`${name}-leaver`).status).toBe('dormant');
      expect(await admin.failures()).toEqual([]);
      simulator.faults.clear();
      await bridge.untilSettled();
      expect(simulator.admin.user(name).status).toBe('dormant');
      expect(simulator.admin.user(`${name}-leaver`).status).toBe('suspended');
    },
  );
});

describe('a connection that speaks okta-post-again', () => {
  it('gives a person who is created again the account that they had', async () => {
    const token = 'a-token-of-okta-0123456789';
    const file = await configFile(
      `connections: [{ name: okta, tokens: [{ label: o, secret: ${token} }], dialects: { okta-post-again: true } }]`,
    );
    const bridge = await startTestBridge({
      env: { BRIDGE_CONFIG: file.path, SCIM_WAIT_MS: '20000' },
    });
    try {
      const scim = new ScimClient(bridge.scim.base.replace('/scim/v2', ''), token);
      const { simulator } = bridge;
      const id = await scim.postUser('back', { externalId: '00u1' });
      const account = simulator.admin.user('back').id;
      await scim.deactivate(id);
      expect(simulator.admin.user('back').status).toBe('suspended');
      expect(await scim.postUser('back', { externalId: '00u1' })).toBe(id);
      expect(simulator.admin.user('back')).toMatchObject({ id: account });
      expect(simulator.admin.user('back').status).not.toBe('suspended');
    } finally {
      await bridge.close();
      await file.remove();
    }
  });
});
