import { beforeAll, describe, expect, it } from 'vitest';

import { useClaimedBridge } from '../support/claimant.js';
import { userBody } from '../support/clients.js';

describe('people whom claims alone name, where the policy lets them be made', () => {
  const bridge = useClaimedBridge(() => ({ env: { CREATE_FROM_CLAIMS: 'true', SCIM_WAIT_MS: '20000' } }));
  beforeAll(() => {
    bridge.simulator.admin.setGroupSync({ field: 'groups' });
    bridge.simulator.admin.createGroup({ name: 'eng' });
  });
  const found = async (userName: string) =>
    (await bridge.scim.get(`/Users?filter=userName+eq+"${userName}"`)).body.Resources;

  it('come to Coder with what is claimed of them, and are there for SCIM', async () => {
    const { claim, simulator, scim } = bridge;
    const stated = await claim('ann', { preferred_username: 'ann.lee', name: 'Ann Lee', groups: ['eng'] });
    expect(stated).toMatchObject({ outcome: 'recorded', tied: true, tiedBy: 'externalId' });
    await bridge.untilSettled();
    expect(simulator.admin.user('annlee')).toMatchObject({ email: 'ann@example.com', name: 'Ann Lee' });
    expect(simulator.admin.membersOf('eng')).toEqual(['annlee']);
    const [shown] = await found('ann.lee');
    expect(shown).toMatchObject({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      externalId: 'ann',
      active: true,
      emails: [{ value: 'ann@example.com', primary: true }],
      meta: { location: expect.stringContaining('/Users/') },
    });
    // A client that looks people up first goes on with what it found.
    await scim.patchUser(shown.id, { op: 'replace', path: 'name.formatted', value: 'Ann A. Lee' });
    expect(simulator.admin.user('annlee').name).toBe('Ann A. Lee');
  });

  it('are taken over by a POST of the same person, with the account and the groups, and then are SCIM’s', async () => {
    const { claim, simulator, scim, admin } = bridge;
    await claim('bob', { groups: ['eng'] });
    await bridge.untilSettled();
    const account = simulator.admin.user('bob').id;
    const [made] = await found('bob@example.com');
    const body = userBody('robert', {
      externalId: 'of-scim',
      name: { formatted: 'Robert' },
      emails: [{ value: 'bob@example.com', primary: true }],
    });
    const answer = await scim.post('/Users', body);
    expect(answer).toMatchObject({
      status: 201,
      body: { id: made.id, userName: 'robert', externalId: 'of-scim' },
    });
    expect(answer.headers.get('location')).toBe(answer.body.meta.location);
    expect((await scim.post('/Users', body)).status).toBe(409);
    await bridge.untilSettled();
    expect(simulator.admin.user('bob')).toMatchObject({ id: account, name: 'Robert' });
    expect(simulator.admin.membersOf('eng')).toContain('bob');
    expect(await admin.failures()).toEqual([]);
  });

  it('are not undone by a POST that Coder refuses, and stay what it stated', async () => {
    const { claim, simulator, scim, admin } = bridge;
    const match = { method: 'POST', route: '/api/v2/users' };
    simulator.faults.add({ kind: 'status', status: 400, match });
    await claim('cleo', {});
    const refused = await scim.post('/Users', userBody('cleo', { externalId: 'cleo' }));
    expect(refused.status).toBe(400);
    const [shown] = await found('cleo');
    expect(shown).toMatchObject({ externalId: 'cleo' });
    simulator.faults.clear();
    await scim.putUser(shown.id, 'cleo', { externalId: 'cleo' });
    await bridge.untilSettled();
    expect(simulator.admin.user('cleo').email).toBe('cleo@example.com');
    expect(await admin.failures()).toEqual([]);
  });

  it('stay suspended, and gone, whatever is claimed of them later', async () => {
    const { claim, simulator, scim } = bridge;
    await claim('dora', { groups: ['eng'] });
    await bridge.untilSettled();
    const [{ id }] = await found('dora@example.com');
    await scim.deactivate(id);
    await claim('dora', { groups: ['eng', 'ops'] });
    await bridge.untilSettled();
    expect(simulator.admin.user('dora').status).toBe('suspended');
    await scim.deleteUser(id);
    await claim('dora', { groups: ['eng'], name: 'Dora' });
    expect(await claim('dora-2', { email: 'dora@example.com' })).toMatchObject({ tied: false });
    await bridge.untilSettled();
    expect(simulator.admin.user('dora').status).toBe('suspended');
    expect(simulator.admin.membersOf('eng')).not.toContain('dora');
    expect(await found('dora@example.com')).toEqual([]);
  });

  it('are one user, however often and by however many subjects they are claimed at once', async () => {
    const { claim, simulator } = bridge;
    const subjects = Array.from({ length: 20 }, (_none, at) => (at % 2 === 0 ? 'eve' : 'eve-2'));
    await Promise.all(
      subjects.map((subject) => claim(subject, { email: 'eve@example.com', groups: ['eng'] })),
    );
    await bridge.untilSettled();
    expect(await found('eve@example.com')).toHaveLength(1);
    expect(simulator.admin.user('eve')).toMatchObject({ email: 'eve@example.com' });
    expect(await bridge.admin.failures()).toEqual([]);
  });
});
