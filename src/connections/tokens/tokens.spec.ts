import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database, Engine } from '../../database/index.js';
import { memoryEngine } from '../../../test/support/database.js';
import { ensureConnection, findConnection } from '../connections.js';
import { listTokens } from './list.js';
import { Tokens } from './tokens.js';

const configured = (token: string) => ({ label: 'SCIM_TOKEN', token });

describe('tokens of a connection', () => {
  let engine: Engine;
  let database: Database;
  let asked = 0;
  let now = 0;
  const clock = { now: () => now, monotonic: () => now };
  let tokens: Tokens;
  let connectionId: string;
  let round = 0;

  beforeAll(async () => {
    engine = await memoryEngine();
    database = new Proxy(engine.database, {
      get(target, property) {
        if (property === 'query') asked++;
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  });
  afterAll(() => engine.close());

  beforeEach(async () => {
    now = Date.now();
    tokens = new Tokens(database, clock);
    connectionId = (await ensureConnection(database, `connection-${round++}`)).id;
  });
  // What one has still to write counts among the statements of the next.
  afterEach(() => tokens.close());

  it('admit their holder, and say who it is', async () => {
    const { id, token } = await tokens.issue(connectionId, 'Okta');
    expect(token).toMatch(/^idpb_[\w-]{43}$/);
    expect(await tokens.check(token)).toEqual({ connectionId, tokenId: id, label: 'Okta' });
  });

  it('are stored as a hash only', async () => {
    const { id, token } = await tokens.issue(connectionId, 'Okta');
    const [row] = await database.query<{ text: string }>(
      'SELECT t::text AS text FROM bridge.tokens t WHERE id = $1',
      [id],
    );
    expect(row?.text).not.toContain(token.slice(5));
  });

  it('admit nobody else', async () => {
    const { token } = await tokens.issue(connectionId, 'Okta');
    for (const wrong of [
      '',
      'idpb_',
      token.slice(0, -1),
      `${token}x`,
      token.toUpperCase(),
      'x'.repeat(100_000),
      '\0',
    ]) {
      expect(await tokens.check(wrong)).toBeNull();
    }
  });

  it('end when they expire, whatever was believed before', async () => {
    const { token } = await tokens.issue(connectionId, 'Okta', new Date(now + 1_000));
    expect(await tokens.check(token)).not.toBeNull();
    now += 1_000;
    expect(await tokens.check(token)).toBeNull();
  });

  it('end at once where they are revoked', async () => {
    const { id, token } = await tokens.issue(connectionId, 'Okta');
    expect(await tokens.check(token)).not.toBeNull();
    expect(await tokens.revoke(id)).toBe(true);
    expect(await tokens.check(token)).toBeNull();
    expect(await tokens.revoke(id)).toBe(false);
  });

  it('end on another replica within five seconds after they are revoked', async () => {
    const other = new Tokens(database, clock);
    const { id, token } = await tokens.issue(connectionId, 'Okta');
    expect(await other.check(token)).not.toBeNull();
    await tokens.revoke(id);
    now += 5_000;
    expect(await other.check(token)).toBeNull();
  });

  it('cost one question to the database, not one for each request', async () => {
    const { token } = await tokens.issue(connectionId, 'Okta');
    await tokens.check(token);
    asked = 0;
    for (let i = 0; i < 20; i++) await tokens.check(token);
    expect(asked).toBe(0);
  });

  it('stay remembered whatever is guessed, so that guessing neither slows their holder nor fills the memory', async () => {
    const { token } = await tokens.issue(connectionId, 'Okta');
    await tokens.check(token);
    for (let i = 0; i < 20; i++) await tokens.check(`guess-${i}`);
    asked = 0;
    await tokens.check(token);
    expect(asked).toBe(0);
  });

  it('admit their holder at once though they were tried before they were there', async () => {
    expect(await tokens.check('early-token')).toBeNull();
    await new Tokens(database, clock).ensureConfigured(connectionId, [configured('early-token')]);
    expect(await tokens.check('early-token')).not.toBeNull();
  });

  it('made by configuration replace the one configured before, and no other', async () => {
    const { token: issued } = await tokens.issue(connectionId, 'Okta');
    await tokens.ensureConfigured(connectionId, [configured('configured-one')]);
    await tokens.ensureConfigured(connectionId, [configured('configured-one')]);
    expect(await tokens.check('configured-one')).toMatchObject({ connectionId });
    await tokens.ensureConfigured(connectionId, [configured('configured-two')]);
    expect(await tokens.check('configured-one')).toBeNull();
    expect(await tokens.check('configured-two')).toMatchObject({ connectionId });
    expect(await tokens.check(issued)).not.toBeNull();
    await tokens.ensureConfigured(connectionId, [configured('configured-one')]);
    expect(await tokens.check('configured-one')).not.toBeNull();
    await tokens.ensureConfigured(connectionId, []);
    expect(await tokens.check('configured-one')).toBeNull();
    expect(await tokens.check(issued)).not.toBeNull();
  });

  it('made by configuration cannot belong to two connections', async () => {
    const other = await ensureConnection(database, `other-${round}`);
    await tokens.ensureConfigured(connectionId, [configured('shared-token')]);
    await expect(tokens.ensureConfigured(other.id, [configured('shared-token')])).rejects.toThrow(
      /another connection/,
    );
    await tokens.ensureConfigured(connectionId, []);
  });

  it('are found for somebody who guessed before too, by few questions', async () => {
    const { token } = await tokens.issue(connectionId, 'Okta');
    asked = 0;
    const guesses = Array.from({ length: 200 }, (_, n) => tokens.check(`guess-${n}`, true));
    const answers = await Promise.all([...guesses, tokens.check(token, true)]);
    expect(answers.at(-1)).toMatchObject({ connectionId });
    expect(new Set(answers.slice(0, -1))).toEqual(new Set([null]));
    expect(asked).toBeLessThan(5);
    const flood = await Promise.all(
      Array.from({ length: 3_000 }, (_, n) => tokens.check(`flood-${n}`, true)),
    );
    expect(new Set(flood)).toEqual(new Set([null, 'busy']));
    // Whom it knows it does not even ask for.
    expect(await tokens.check(token, true)).toMatchObject({ connectionId });
  });

  it('tell when they were last used', async () => {
    const { token, id } = await tokens.issue(connectionId, 'Okta');
    const listed = async () => (await listTokens(database)).find((one) => one.id === id);
    expect(await listed()).toMatchObject({
      label: 'Okta',
      kind: 'issued',
      state: 'active',
      lastUsedAt: null,
    });
    await tokens.check(token);
    await tokens.close();
    expect((await listed())?.lastUsedAt?.getTime()).toBe(now);
  });

  it('are listed with their state, and never themselves', async () => {
    await tokens.issue(connectionId, 'old', new Date(Date.now() - 1_000));
    const { id, token } = await tokens.issue(connectionId, 'lost');
    await tokens.revoke(id);
    await tokens.ensureConfigured(connectionId, [{ label: 'file', token: 'configured-token-of-the-list' }]);
    const list = await listTokens(database, `connection-${round - 1}`);
    expect(list.map(({ label, kind, state }) => [label, kind, state])).toEqual([
      ['file', 'configured', 'active'],
      ['lost', 'issued', 'revoked'],
      ['old', 'issued', 'expired'],
    ]);
    expect(JSON.stringify(list)).not.toContain(token);
  });

  it('made by configuration may be several, each with its end', async () => {
    const ends = new Date(now + 1_000);
    const pair = [
      { label: 'old', token: 'overlapping-token-old', expiresAt: ends },
      { label: 'new', token: 'overlapping-token-new' },
    ];
    await tokens.ensureConfigured(connectionId, pair);
    expect(await tokens.check('overlapping-token-old')).toMatchObject({ label: 'old' });
    expect(await tokens.check('overlapping-token-new')).toMatchObject({ label: 'new' });
    now += 1_000;
    expect(await tokens.check('overlapping-token-old')).toBeNull();
    expect(await tokens.check('overlapping-token-new')).not.toBeNull();
  });

  it('are made at the first start only', async () => {
    const first = await tokens.ensureFirst(connectionId);
    expect(await tokens.check(first ?? '')).toMatchObject({ connectionId });
    expect(await tokens.ensureFirst(connectionId)).toBeUndefined();
  });

  it('belong to a connection that is made once for its name', async () => {
    const made = await Promise.all([1, 2, 3].map(() => ensureConnection(database, 'same')));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await findConnection(database, 'same')).toEqual({ ...made[0], retired: false });
    expect(await findConnection(database, 'none')).toBeUndefined();
  });
});
