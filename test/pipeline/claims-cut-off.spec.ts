import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { useClaimedBridge } from '../support/claimant.js';
import { configFile } from '../support/config-file.js';

describe('a list of groups that the provider may have cut off', () => {
  let file: Awaited<ReturnType<typeof configFile>>;
  const bridge = useClaimedBridge(async (issuer) => {
    file = await configFile(`
connections:
  - name: okta
    tokens: [{ label: scim, secret: env:SCIM_SECRET }]
    oidc: { issuer: '${issuer}', audience: idp-bridge-tests, groupsCap: 100 }`);
    const SCIM_SECRET = 'the-scim-token-of-the-connection';
    return { env: { BRIDGE_CONFIG: file.path, SCIM_SECRET, OIDC_ISSUER: '', OIDC_AUDIENCE: '' } };
  });
  beforeAll(() => bridge.simulator.admin.setGroupSync({ field: 'groups' }));
  afterAll(() => file?.remove());

  it('takes no group and gives none, and the journal says so', async () => {
    const { scim, simulator, claim, database } = bridge;
    const members = (group: string): string[] => simulator.admin.membersOf(group);
    for (const name of ['kept', 'fresh']) simulator.admin.createGroup({ name });
    await scim.postUser('ann');
    await claim('ann', { groups: ['kept'] });
    await bridge.untilSettled();
    const others = Array.from({ length: 99 }, (_, n) => `other-${n}`);
    const reason = 'it has exactly 100 values, at which the provider may have cut it off';
    expect(await claim('ann', { groups: ['fresh', ...others] })).toMatchObject({
      unreadable: { groups: reason },
    });
    await bridge.untilSettled();
    expect([members('kept'), members('fresh')]).toEqual([['ann'], []]);
    const [entry] = await database.query(
      `SELECT facts FROM bridge.journal WHERE action = 'claims.stated' ORDER BY id DESC LIMIT 1`,
    );
    expect(entry).toMatchObject({ facts: { unreadable: { groups: reason } } });
    await claim('ann', { groups: ['fresh', ...others.slice(1)] });
    await bridge.untilSettled();
    expect([members('kept'), members('fresh')]).toEqual([[], ['ann']]);
  });
});
