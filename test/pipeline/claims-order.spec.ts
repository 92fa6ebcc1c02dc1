import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { startTestBridge } from '../support/bridge.js';
import { useClaimedBridge } from '../support/claimant.js';
import { eventually } from '../support/eventually.js';
import { TestIssuer } from '../support/jwt-issuer.js';

describe('access that claims state', () => {
  const bridge = useClaimedBridge(() => ({ env: { ORGANIZATION_ROLES: '*' } }));

  it('is gained in the order groups, roles', async () => {
    const { scim, simulator, claim } = bridge;
    simulator.admin.createGroup({ name: 'eng' });
    simulator.admin.setGroupSync({ field: 'groups' });
    simulator.admin.set({ features: { user_role_management: true } });
    await scim.postUser('ann', { roles: [{ value: 'organization-auditor' }] });
    await bridge.untilSettled();
    simulator.calls.reset();
    await claim('ann', { groups: ['eng'] });
    const [user] = (await scim.get('/Users?filter=userName eq "ann"')).body.Resources as { id: string }[];
    await scim.putUser(String(user?.id), 'ann', { roles: [{ value: 'organization-admin' }] });
    await bridge.untilSettled();
    expect(simulator.admin.membersOf('eng')).toEqual(['ann']);
    const gains = simulator.calls
      .mutations()
      .map(({ method, route }) => `${method} ${route.replace('/api/v2', '')}`);
    expect(gains.indexOf('PATCH /groups/{group}')).toBeLessThan(
      gains.lastIndexOf('PUT /organizations/{organization}/members/{user}/roles'),
    );
  });
});

describe('whoever leaves', () => {
  it('is suspended though nothing can be had that claims are decided by; and what they state is decided on later', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bridge-claims-'));
    const issuer = await TestIssuer.start();
    const env = { OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: 'idp-bridge' };
    const claim = async (url: string, groups: readonly string[]): Promise<void> => {
      const iat = Math.floor(Date.now() / 1_000);
      const person = { email: 'leo@example.com', email_verified: true };
      const token = await issuer.sign({ sub: 'leo', iat, ...person, groups: [...groups] });
      const answer = await fetch(`${url}/oidc/claims`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id_token: token }),
      });
      expect(answer.status).toBe(202);
    };
    const first = await startTestBridge({ dataDir, env });
    first.simulator.admin.createGroup({ name: 'eng' });
    first.simulator.admin.setGroupSync({ field: 'groups' });
    const id = await first.scim.postUser('leo');
    await claim(first.bridge.url, ['eng']);
    await eventually(() => expect(first.simulator.admin.membersOf('eng')).toEqual(['leo']));
    await first.untilSettled();
    await first.close();

    const second = await startTestBridge({ dataDir, env });
    const { simulator } = second;
    for (const pathContains of ['/settings/idpsync', '/groups'])
      simulator.faults.add({ kind: 'status', status: 503, match: { method: 'GET', pathContains } });
    await second.scim.deactivate(id);
    await eventually(() => expect(simulator.admin.user('leo').status).toBe('suspended'));
    expect(simulator.admin.membersOf('eng')).toEqual(['leo']);
    simulator.faults.clear();
    await second.untilSettled();
    await second.close();
    await issuer.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
});
