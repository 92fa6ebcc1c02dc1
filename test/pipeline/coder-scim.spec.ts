import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { connectCoder, ConflictError, GoneError, RejectedError, ServerError } from '../../src/coder/index.js';
import type { CoderConnection } from '../../src/coder/index.js';
import { startSimulator, type Profile, type Simulator } from '../../src/simulator/index.js';

const SECRET = 'hush';
const quiet = { error: () => undefined, warn: () => undefined };

let simulator: Simulator;
let coder: CoderConnection;

beforeEach(async () => {
  simulator = await startSimulator();
  simulator.admin.set({ features: { scim: true }, scimSecret: SECRET });
  // Coder's SCIM server asks for its own secret: the session token is of no use there, and a bad one no harm.
  coder = connectCoder(
    { url: simulator.url, sessionToken: 'aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb' },
    { log: quiet },
  );
});
afterEach(async () => {
  await coder.close();
  await simulator.close();
});

const play = (profile: Profile): void => simulator.admin.set({ profile });
const ann = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'ann',
  active: true,
  emails: [{ value: 'ann@x.io', primary: true, type: 'work' }],
};
const patchOp = (active: boolean) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'active', value: active }],
});

describe.each(['s-new', 'b25-legacy'] as const)("the client of Coder's first SCIM server (%s)", (profile) => {
  it('creates, suspends and wakes, and reads nobody', async () => {
    play(profile);
    const { client } = coder;
    // In 2023 the whole header had to be the secret, and the client sends it as a bearer token.
    simulator.admin.set({ scimSecret: profile === 's-new' ? `Bearer ${SECRET}` : SECRET });
    expect(await client.scimServiceProviderConfig(SECRET)).toMatchObject({ patch: { supported: true } });
    const created = await client.scimCreateUser(SECRET, ann);
    expect(created).toMatchObject({ userName: 'ann', active: true });
    const id = created.id ?? '';
    expect((await client.scimCreateUser(SECRET, ann)).id).toBe(id);
    expect(await client.scimListUsers(SECRET, { filter: 'userName eq "ann"' })).toEqual({
      totalResults: 0,
      Resources: [],
    });
    await client.scimPatchUser(SECRET, id, { ...ann, active: false });
    expect(simulator.admin.user('ann').status).toBe('suspended');
    await client.scimPatchUser(SECRET, id, ann);
    expect(simulator.admin.user('ann').status).toBe('dormant');
    await expect(client.scimGetUser(SECRET, id)).rejects.toBeInstanceOf(GoneError);
    // There is no such route, which is told apart from a user that is gone.
    await expect(client.scimDeleteUser(SECRET, id)).rejects.toMatchObject({
      name: 'RejectedError',
      status: 404,
    });
  });
});

describe("the client of Coder's SCIM server of September 2025", () => {
  it('replaces, and is refused another userName', async () => {
    const { client } = coder;
    const id = (await client.scimCreateUser(SECRET, ann)).id ?? '';
    await client.scimPutUser(SECRET, id, { ...ann, active: false });
    expect(simulator.admin.user('ann').status).toBe('suspended');
    const renamed = client.scimPutUser(SECRET, id, { ...ann, userName: 'bob' });
    await expect(renamed).rejects.toMatchObject({ status: 400 });
    await expect(renamed).rejects.toBeInstanceOf(RejectedError);
    const unknown = client.scimPutUser(SECRET, '11111111-1111-4111-8111-111111111111', ann);
    await expect(unknown).rejects.toBeInstanceOf(ServerError);
  });
});

describe("the client of Coder's SCIM server of 2026", () => {
  beforeEach(() => play('n26-scim2'));

  it('reads, creates once, suspends and wakes', async () => {
    const { client } = coder;
    const created = await client.scimCreateUser(SECRET, ann);
    const id = created.id ?? '';
    expect(await client.scimGetUser(SECRET, id)).toMatchObject({ id, userName: 'ann' });
    const { totalResults, Resources } = await client.scimListUsers(SECRET, { filter: 'userName eq "ann"' });
    expect([totalResults, Resources.map((user) => user.id)]).toEqual([1, [id]]);
    expect((await client.scimListUsers(SECRET, { startIndex: 1, count: 1 })).Resources).toHaveLength(1);
    await expect(client.scimCreateUser(SECRET, ann)).rejects.toBeInstanceOf(ConflictError);
    expect((await client.scimPatchUser(SECRET, id, patchOp(false))).active).toBe(false);
    expect((await client.scimPutUser(SECRET, id, ann)).active).toBe(true);
    await client.scimDeleteUser(SECRET, id);
    expect(simulator.admin.user('ann').status).toBe('suspended');
    const unknown = client.scimDeleteUser(SECRET, '11111111-1111-4111-8111-111111111111');
    await expect(unknown).rejects.toBeInstanceOf(GoneError);
  });
});

describe("what the client is refused by Coder's SCIM server", () => {
  it('is told apart, and says nothing of the session token', async () => {
    const { client, health } = coder;
    await expect(client.scimListUsers('other')).rejects.toMatchObject({ name: 'RejectedError', status: 401 });
    expect(health.status().authOk).toBe(true);
    simulator.admin.set({ features: { scim: false } });
    await expect(client.scimListUsers(SECRET)).rejects.toMatchObject({ name: 'RejectedError', status: 403 });
    simulator.admin.set({ scimSecret: '' });
    await expect(client.scimListUsers(SECRET)).rejects.toMatchObject({ name: 'RejectedError', status: 404 });
  });
});
