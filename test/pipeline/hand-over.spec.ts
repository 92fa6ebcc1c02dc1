import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { configFile } from '../support/config-file.js';
import { useClaimedBridge } from '../support/claimant.js';

describe("what Coder's own login keeps to itself", () => {
  let file: Awaited<ReturnType<typeof configFile>> | undefined;
  const bridge = useClaimedBridge(async () => {
    file = await configFile(`
connections:
  - name: okta
    policy: { organizationRoles: [organization-auditor] }
    idpSync:
      organizations: { coder: { roles: { field: realm.roles } } }
      claims: { realm.roles: { path: realm.roles } }
`);
    return { env: { BRIDGE_CONFIG: file.path } };
  });
  beforeAll(() => {
    const mapping = { Auditors: ['organization-auditor', 'organization-admin'] };
    bridge.simulator.admin.setRoleSync({ field: 'realm.roles', mapping });
  });
  afterAll(() => file?.remove());
  const roles = () => bridge.simulator.admin.organizationRoles('ann');

  it('is left alone until it is handed over, and then is the bridge’s at once, with the mapping that stayed in Coder', async () => {
    const { scim, admin, claim } = bridge;
    await scim.postUser('ann');
    await claim('ann', { realm: { roles: ['Auditors'] } });
    await bridge.untilSettled();
    expect([roles(), await admin.failures()]).toEqual([[], []]);

    const order = { write: true };
    const { body } = await admin.done('POST', '/api/v1/rules/hand-over', order);
    expect(body.changes).toMatchObject([{ sync: 'roles', outcome: 'written' }]);
    await bridge.untilSettled();
    expect(roles(), 'what the policy does not list is not given').toEqual(['organization-auditor']);

    await claim('ann', { realm: {} });
    await bridge.untilSettled();
    expect(roles(), 'an absent claim by a path is not known').toEqual(['organization-auditor']);
    await claim('ann', { realm: { roles: [] } });
    await bridge.untilSettled();
    expect([roles(), await admin.failures()]).toEqual([[], []]);
  });
});
