import { describe, expect, it } from 'vitest';

import type { JsonObject } from '../../src/common/index.js';
import { createLog } from '../../src/telemetry/index.js';
import { ADMIN_TOKEN, SCIM_TOKEN, ScimClient, useBridge } from '../support/bridge.js';
import { eventually } from '../support/eventually.js';

const CREATION = { method: 'POST', route: '/api/v2/users' };
const GROUP_PATCH = { method: 'PATCH', route: '/api/v2/groups/{group}' };

/** Whatever of these stood in a line would tell who somebody is, or let somebody in. */
const PERSONAL = ['zebediah', 'quillon', 'ottoline', 'fennimore', 'corp.example', '4711-external'];

const lines: string[] = [];
const bridge = useBridge({
  log: createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
});

const logged = (said: string): boolean => lines.some((line) => line.includes(said));

/** A refusal as Coder words it where it quotes what was sent. */
const quoting = (message: string): object => ({
  message,
  detail: 'pq: duplicate key: Key (username)=(zebediah.quillon) already exists.',
  validations: [{ field: 'email', detail: 'zebediah.quillon@corp.example belongs to Ottoline Fennimore' }],
});

const person = (first: string, last: string): [string, JsonObject] => [
  `${first}.${last}@corp.example`.toLowerCase(),
  { externalId: `4711-external-${first}`, name: { givenName: first, familyName: last } },
];

/** Creates somebody whom Coder refuses with that status. */
async function refused(status: number, times?: number): Promise<void> {
  const { scim, simulator } = bridge;
  const fault = {
    kind: 'status',
    status,
    body: quoting('Refused zebediah.quillon'),
    match: CREATION,
  } as const;
  simulator.faults.add({ ...fault, ...(times === undefined ? {} : { times }) });
  await scim.postUser(`zebediah${status}@corp.example`, { name: { formatted: 'Zebediah Quillon' } });
  await bridge.untilSettled();
  simulator.faults.clear();
}

describe('the log from info on, over a life with all kinds of failures', { timeout: 180_000 }, () => {
  it('tells of each failure, and names nobody and no token', async () => {
    const { scim, simulator, admin } = bridge;
    const crowd = await Promise.all([1, 2, 3, 4, 5].map((n) => scim.postUser(`quillon${n}@corp.example`)));
    const ottoline = await scim.postUser(...person('Ottoline', 'Fennimore'));
    const group = await scim.postGroup('Friends', [ottoline]);
    await bridge.untilSettled();

    for (const status of [400, 403, 409, 417]) await refused(status);
    for (const status of [500, 502]) await refused(status, 3);
    simulator.faults.add({ kind: 'dropAfter', match: CREATION, times: 1 });
    const zebediah = await scim.postUser(...person('Zebediah', 'Quillon'));
    await bridge.untilSettled();
    simulator.faults.add({ kind: 'status', status: 400, body: quoting('No zebediah'), match: GROUP_PATCH });
    await scim.addMembers(group, zebediah);
    await bridge.untilSettled();
    simulator.faults.clear();

    simulator.faults.add({ kind: 'badToken' });
    await scim.deactivate(zebediah);
    await eventually(() => expect(logged('CODER REFUSES THE SESSION TOKEN')).toBe(true));
    simulator.faults.clear();
    await bridge.untilSettled();
    await simulator.admin.stopListening();
    await scim.activate(zebediah);
    for (const id of crowd) await scim.deactivate(id);
    await eventually(() => expect(logged('Coder does not answer')).toBe(true));
    await simulator.admin.startListening();
    await bridge.untilSettled();

    // Two with one email, one without any; pushes that are refused at the door; searches and addresses with names in them.
    await scim.postUser('zebediah.again', { emails: [{ value: 'zebediah.quillon@corp.example' }] });
    await scim.postUser('fennimore', { emails: [] });
    await scim.post('/Users', { userName: 'zebediah.quillon@corp.example', emails: 'ottoline\u0000' });
    await scim.post('/Users', '{"userName": "zebediah');
    await scim.get('/Users?filter=userName%20eq%20%22zebediah');
    await scim.get('/Users/zebediah.quillon@corp.example');
    await new ScimClient(bridge.admin.base, 'quillon-guesses-a-token').get('/Users');
    await admin.sync();
    await bridge.untilSettled();
    await scim.deleteUser(ottoline);
    await scim.deleteGroup(group);
    await bridge.untilSettled();

    // The people are told by name where an administrator asks, so the failures did happen.
    expect((await admin.failures()).map(({ name }) => name)).toContain('fennimore');
    for (const said of ['the target is failed', 'the run will be tried again', 'SCIM request'])
      expect(logged(said)).toBe(true);
    const telling = lines.filter((line) =>
      [...PERSONAL, SCIM_TOKEN, ADMIN_TOKEN, simulator.token.toLowerCase()].some((word) =>
        line.toLowerCase().includes(word.toLowerCase()),
      ),
    );
    expect(telling).toEqual([]);
  });
});
