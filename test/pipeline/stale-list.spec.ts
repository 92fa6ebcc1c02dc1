import { describe, expect, it } from 'vitest';

import { useBridge } from '../support/bridge.js';

describe('a list of users that has been overtaken by another worker', () => {
  const bridge = useBridge();

  it('does not decide that somebody who must be suspended is suspended already', async () => {
    const { scim, simulator } = bridge;
    const ann = await scim.postUser('ann');
    await bridge.untilSettled();
    await scim.deactivate(ann);
    await bridge.untilSettled();
    // What another worker did for a reactivation in between, which this one's list does not know.
    simulator.admin.activate('ann');
    await scim.putUser(ann, 'ann-after', { active: false, name: { formatted: 'The ann' } });
    await bridge.untilSettled();
    expect(simulator.admin.user('ann').status).toBe('suspended');
  });
});
