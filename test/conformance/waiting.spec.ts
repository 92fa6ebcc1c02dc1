import { describe, expect, it } from 'vitest';
import {
  DatabaseUnavailable,
  type Settled,
  type Settlements,
  type Users,
} from '../../src/directory/index.js';
import { createLog } from '../../src/telemetry/index.js';
import { SCIM_JSON, useBridge } from './support/bridge.js';

/** Settlements that end as a test says, and remember who waited. */
class Outcomes implements Settlements {
  settled: Settled = { outcome: 'applied' };
  undone = false;
  readonly waits: { readonly kind: string; readonly id: string; readonly ms: number }[] = [];
  readonly undoings: string[] = [];

  async wait({ kind, id }: { kind: string; id: string }, ms: number): Promise<Settled> {
    this.waits.push({ kind, id, ms });
    return this.settled;
  }

  async undoCreation({ id }: { id: string }): Promise<boolean> {
    this.undoings.push(id);
    return this.undone;
  }

  fail(kind: 'uniqueness' | 'invalidValue' | 'refused'): void {
    this.settled = { outcome: 'failed', failure: { kind, step: 'createUser', detail: 'Coder says no' } };
  }
}

describe('a push that waits for Coder', () => {
  const outcomes = new Outcomes();
  const held = useBridge({ waitMs: 1_500, settlements: outcomes });

  it('succeeds when it has arrived, or is still under way', async () => {
    for (const outcome of ['applied', 'pending'] as const) {
      outcomes.settled = { outcome };
      const { status, body } = await held.bridge.post('/Users', { userName: `waits-${outcome}` });
      expect(status).toBe(201);
      expect(outcomes.waits.at(-1)).toEqual({ kind: 'user', id: body.id, ms: 1_500 });
      expect(
        (await held.bridge.patch(`/Users/${body.id}`, { op: 'replace', path: 'title', value: 'x' })).status,
      ).toBe(200);
      expect((await held.bridge.delete(`/Users/${body.id}`)).status).toBe(204);
    }
  });

  it.each([
    ['uniqueness', 409, 'uniqueness'],
    ['invalidValue', 400, 'invalidValue'],
    ['refused', 400, 'invalidValue'],
  ] as const)('shows the refusal %s as %i %s', async (kind, status, scimType) => {
    outcomes.fail(kind);
    outcomes.undone = true;
    const refused = { status, body: { status: String(status), scimType, detail: 'Coder says no' } };
    expect(await held.bridge.post('/Users', { userName: `refused-${kind}` })).toMatchObject(refused);
    expect(outcomes.undoings.at(-1)).toBe(outcomes.waits.at(-1)?.id);
    expect(await held.bridge.post('/Groups', { displayName: `refused-${kind}` })).toMatchObject(refused);
  });

  it('answers 201 where a refused creation could not be undone, because it exists', async () => {
    outcomes.fail('uniqueness');
    outcomes.undone = false;
    const { status, body } = await held.bridge.post('/Users', { userName: 'linked-meanwhile' });
    expect(status).toBe(201);
    expect((await held.bridge.get(`/Users/${body.id}`)).status).toBe(200);
  });

  it('keeps a refused change, and undoes nothing', async () => {
    outcomes.settled = { outcome: 'applied' };
    const { body } = await held.bridge.post('/Users', { userName: 'changed' });
    const { body: group } = await held.bridge.post('/Groups', { displayName: 'Changed' });
    outcomes.fail('uniqueness');
    const before = outcomes.undoings.length;
    expect(
      (await held.bridge.patch(`/Users/${body.id}`, { op: 'replace', path: 'title', value: 'kept' })).status,
    ).toBe(409);
    expect(
      (await held.bridge.put(`/Users/${body.id}`, { userName: 'changed', title: 'kept too' })).status,
    ).toBe(409);
    expect((await held.bridge.get(`/Users/${body.id}`)).body.title).toBe('kept too');
    expect(
      (
        await held.bridge.patch(`/Groups/${group.id}`, {
          op: 'add',
          path: 'members',
          value: [{ value: body.id }],
        })
      ).status,
    ).toBe(409);
    expect((await held.bridge.get(`/Groups/${group.id}`)).body.members).toHaveLength(1);
    expect((await held.bridge.delete(`/Users/${body.id}`)).status).toBe(204);
    expect(outcomes.undoings).toHaveLength(before);
  });
});

describe('a failure inside', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'trace', destination: { write: (line: string) => void lines.push(line) } });
  let failure: Error | undefined;
  const failing = (real: Users): Users => ({
    create: async (...args) => (failure ? Promise.reject(failure) : real.create(...args)),
    change: async (...args) => (failure ? Promise.reject(failure) : real.change(...args)),
    remove: async (...args) => (failure ? Promise.reject(failure) : real.remove(...args)),
    get: async (...args) => (failure ? Promise.reject(failure) : real.get(...args)),
    list: async (...args) => (failure ? Promise.reject(failure) : real.list(...args)),
  });
  const held = useBridge({ users: failing, log });

  it('is 503 with Retry-After while the database is away', async () => {
    failure = new DatabaseUnavailable(new Error('connect ECONNREFUSED 10.0.0.1:5432'));
    for (const answer of [
      await held.bridge.get('/Users'),
      await held.bridge.post('/Users', { userName: 'x' }),
    ]) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(answer.headers.get('content-type')).toBe(SCIM_JSON);
      expect(answer.text).not.toContain('10.0.0.1');
    }
  });

  it('is 500 without details, and logged without values', async () => {
    failure = new Error('row contains "Lovelace 4711"');
    const answer = await held.bridge.get('/Users');
    expect(answer).toMatchObject({
      status: 500,
      body: { status: '500', detail: expect.any(String) as string },
    });
    expect(answer.text).not.toContain('Lovelace');
    const logged = lines.join('');
    expect(logged).toContain('a SCIM request failed unexpectedly');
    expect(logged).not.toContain('Lovelace');
  });

  it('is over when its cause is', async () => {
    failure = undefined;
    expect((await held.bridge.get('/Users')).status).toBe(200);
  });

  it('leaves no token, address or password in the log [C13]', async () => {
    failure = undefined;
    await held.bridge.post('/Users', {
      userName: 'grace@corp.example',
      password: 'hunter2',
      emails: [{ value: 'grace@corp.example' }],
    });
    await held.bridge.find('/Users', 'userName eq "grace@corp.example"');
    await held.bridge.get('/Users/grace@corp.example');
    await held.bridge.get('/Users', { token: 'guess-of-a-token' });
    const logged = lines.join('');
    expect(logged).toContain('SCIM request');
    for (const secret of ['grace', 'hunter2', held.bridge.token, 'guess-of-a-token'])
      expect(logged).not.toContain(secret);
  });
});
