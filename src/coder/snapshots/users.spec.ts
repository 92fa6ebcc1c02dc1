import { beforeEach, describe, expect, it } from 'vitest';
import { ThrottledError, TransientError } from '../errors.js';
import { readUser } from '../shapes.js';
import { userRow } from '../testing/fake-coder.js';
import { FakeTime, settled } from '../testing/fake-time.js';
import type { CoderUser, CoderUsersPage } from '../types.js';
import { UserSnapshot } from './users.js';

const user = (username: string, more: Record<string, unknown> = {}): CoderUser =>
  readUser(userRow(username, more));

let time: FakeTime;
let coder: CoderUser[];
/** Cursors asked for; '' is a first page. */
let calls: string[];
let counts: 'after the cursor' | 'all';
/** Happens before the page of that number (0 the first of all). */
let before: Map<number, () => void>;
let snapshot: UserSnapshot;

/** As Coder: sorted by lower(username), those after the cursor. */
function listUsers(query: { limit?: number; after_id?: string }): Promise<CoderUsersPage> {
  before.get(calls.length)?.();
  calls.push(query.after_id ?? '');
  const sorted = [...coder].sort((a, b) => (a.username.toLowerCase() < b.username.toLowerCase() ? -1 : 1));
  const place = query.after_id && gone(query.after_id).username.toLowerCase();
  const rest = place ? sorted.filter((one) => one.username.toLowerCase() > place) : sorted;
  const count = counts === 'all' ? coder.length : rest.length;
  return Promise.resolve({ users: rest.slice(0, query.limit), count });
}

const everSeen = new Map<string, CoderUser>();
/** A deleted user still marks its place. */
function gone(id: string): CoderUser {
  for (const one of coder) everSeen.set(one.id, one);
  return everSeen.get(id)!;
}

function people(...names: string[]): CoderUser[] {
  return names.map((name) => user(name));
}

beforeEach(() => {
  time = new FakeTime();
  calls = [];
  counts = 'after the cursor';
  before = new Map();
  everSeen.clear();
  coder = people('Zoe', 'ann', 'Ben', 'cid', 'Dora', 'eve', 'FAY');
  snapshot = new UserSnapshot({ listUsers }, { clock: time, timers: time, random: () => 0, pageSize: 3 });
});

async function names(maxAgeMs?: number): Promise<string[]> {
  return [...(await snapshot.get(maxAgeMs)).all()].map((one) => one.username);
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(['after the cursor', 'all'] as const)('listing, where count is of users %s', (meaning) => {
  beforeEach(() => (counts = meaning));

  it('walks over all pages in the order of lower(username)', async () => {
    expect(await names()).toEqual(['ann', 'Ben', 'cid', 'Dora', 'eve', 'FAY', 'Zoe']);
    expect(calls).toEqual(['', 'id-cid', 'id-fay']);
  });

  it.each([
    [1, 1],
    [3, 1],
    [4, 2],
    [6, 2],
  ])('needs for %i users %i calls at pages of 3', async (size, needed) => {
    coder = coder.slice(0, size);
    expect(await names()).toHaveLength(size);
    expect(calls).toHaveLength(needed);
  });

  it('takes users that come while it lists, before the cursor or after it', async () => {
    before.set(1, () => coder.push(...people('aaa', 'gil')));
    const view = await snapshot.get();
    expect(view.byId('id-gil')).toBeDefined();
    expect(view.byId('id-zoe')).toBeDefined();
    expect(calls.length).toBeLessThanOrEqual(4);
  });

  it('lists again when somebody went whom the bridge did not delete', async () => {
    before.set(1, () => (coder = coder.filter((one) => one.username !== 'eve')));
    expect(await names()).toEqual(['ann', 'Ben', 'cid', 'Dora', 'FAY', 'Zoe']);
    expect(calls.filter((cursor) => cursor === '')).toHaveLength(2);
  });

  it('does not miss a user who is renamed to before the cursor', async () => {
    before.set(
      1,
      () => (coder = coder.map((one) => (one.username === 'Zoe' ? { ...one, username: 'abe' } : one))),
    );
    expect((await snapshot.get()).byUsername('ABE')?.id).toBe('id-zoe');
  });

  it('misses nobody at the end when the bridge deletes somebody at the beginning meanwhile', async () => {
    before.set(1, () => {
      coder = coder.filter((one) => one.username !== 'ann');
      snapshot.noteDeleted('id-ann');
    });
    expect(await names()).toEqual(['Ben', 'cid', 'Dora', 'eve', 'FAY', 'Zoe']);
    expect(calls.filter((cursor) => cursor === '')).toHaveLength(1);
  });

  it('does not mind whom the bridge itself renames to before the cursor meanwhile', async () => {
    before.set(1, () => {
      const renamed = { ...coder[0]!, username: 'abe' };
      coder = [renamed, ...coder.slice(1)];
      snapshot.noteChanged(renamed);
    });
    const view = await snapshot.get();
    expect([view.byId('id-zoe')?.username, view.size]).toEqual(['abe', 7]);
    expect(calls.filter((cursor) => cursor === '')).toHaveLength(1);
  });

  it('does not mind whom the bridge itself deletes meanwhile', async () => {
    before.set(1, () => {
      coder = coder.filter((one) => one.username !== 'ann' && one.username !== 'eve');
      snapshot.noteDeleted('id-ann');
      snapshot.noteDeleted('id-eve');
    });
    expect(await names()).toEqual(['Ben', 'cid', 'Dora', 'FAY', 'Zoe']);
    expect(calls.filter((cursor) => cursor === '')).toHaveLength(1);
  });

  it('is an error when users keep going while it lists, never a partial list', async () => {
    for (const [call, name] of [
      [1, 'Zoe'],
      [2, 'FAY'],
      [3, 'eve'],
      [4, 'Dora'],
    ] as const) {
      before.set(call, () => (coder = coder.filter((one) => one.username !== name)));
    }
    const error = await failure(snapshot.get());
    expect(error).toBeInstanceOf(TransientError);
    expect((error as TransientError).outcomeUnknown).toBe(false);
    expect((error as TransientError).message).toContain('changed while it was read');
  });
});

describe('a list that lacks somebody', () => {
  const broken = (page: (query: { after_id?: string; limit?: number }) => CoderUsersPage): UserSnapshot =>
    new UserSnapshot(
      {
        listUsers: (query) => {
          calls.push(query.after_id ?? '');
          return Promise.resolve(page(query));
        },
      },
      { clock: time, timers: time, pageSize: 3 },
    );

  it('is listed again once, and then an error: a page shorter than its count', async () => {
    const lacking = broken((query) => ({
      users: query.after_id ? [] : people('ann', 'ben'),
      count: query.after_id ? 1 : 3,
    }));
    const error = await failure(lacking.get());
    expect(error).toBeInstanceOf(TransientError);
    expect((error as TransientError).message).toContain('shorter than its count');
    expect(calls.filter((cursor) => cursor === '')).toHaveLength(2);
  });

  it('is an error where the server ignores the cursor', async () => {
    const lacking = broken(() => ({ users: people('ann', 'ben', 'cid'), count: 7 }));
    expect(await failure(lacking.get())).toBeInstanceOf(TransientError);
  });

  it("is an error where nobody is in it: the bridge's own account always is", async () => {
    const lacking = broken(() => ({ users: [], count: 0 }));
    expect(await failure(lacking.get())).toBeInstanceOf(TransientError);
  });

  it('is fine where the server just has smaller pages', async () => {
    const smaller = new UserSnapshot(
      { listUsers: (query) => listUsers({ ...query, limit: 2 }) },
      { clock: time, timers: time, pageSize: 3 },
    );
    expect((await smaller.get()).size).toBe(7);
  });

  it('fails with the error of the page, and is tried anew by the next one who asks', async () => {
    const error = new TransientError('GET /users', 'reset', false);
    before.set(1, () => {
      throw error;
    });
    expect(await failure(snapshot.get())).toBe(error);
    before.clear();
    expect(await names()).toHaveLength(7);
  });
});

describe('age', () => {
  it('is listed once for all who ask at the same time, and again after 30 s', async () => {
    await Promise.all([snapshot.get(), snapshot.get(), snapshot.get()]);
    expect(calls).toHaveLength(3);
    await time.advance(30_000);
    await snapshot.get();
    expect([calls.length, snapshot.stale()]).toEqual([3, false]);
    await time.advance(1);
    expect(snapshot.stale()).toBe(true);
    await snapshot.get();
    expect(calls).toHaveLength(6);
  });

  it('can be asked to be fresher', async () => {
    await snapshot.get();
    await time.advance(6_000);
    coder.push(user('gil'));
    expect(await names(10_000)).not.toContain('gil');
    expect(await names(5_000)).toContain('gil');
  });

  it('with no age at all is a list that begins now, also while one is under way; one for all who ask so', async () => {
    const running = snapshot.get();
    const fresh = [snapshot.get(0), snapshot.get(0)];
    coder.push(user('aaa'));
    await running;
    for (const view of await Promise.all(fresh)) expect(view.byUsername('aaa')).toBeDefined();
    expect(calls.filter((cursor) => cursor === '')).toHaveLength(2);
  });

  it('ends with a surprise: the next one lists anew, even when a list is under way', async () => {
    await snapshot.get();
    coder.push(user('gil'));
    snapshot.invalidate();
    expect(snapshot.stale()).toBe(true);
    const running = snapshot.get();
    snapshot.invalidate();
    const after = snapshot.get();
    coder.push(user('aaa'));
    expect((await running).byUsername('gil')).toBeDefined();
    expect((await after).byUsername('aaa')).toBeDefined();
  });
});

describe('what can be looked up', () => {
  it('finds by id, and by email and username whatever their case', async () => {
    coder.push(user('Änne', { email: 'Ann.B@Example.com' }));
    const view = await snapshot.get();
    expect(view.byEmail('ANN.b@example.COM')?.username).toBe('Änne');
    expect(view.byUsername('ä'.normalize('NFD') + 'NNE')?.username).toBe('Änne');
    expect(view.byId('id-zoe')?.username).toBe('Zoe');
    expect(view.usernames.has('zoe')).toBe(true);
    expect(view.byEmail('nobody@example.com')).toBeUndefined();
  });

  it('finds nobody by an empty email, which service accounts have', async () => {
    coder.push(user('svc', { email: '' }));
    expect((await snapshot.get()).byEmail('')).toBeUndefined();
  });

  it('keeps what decisions need, and shares what is equal', async () => {
    coder = [user('ann', { roles: [{ name: 'owner', display_name: 'Owner' }] }), user('ben')];
    const view = await snapshot.get();
    expect(view.byUsername('ann')).toEqual({
      id: 'id-ann',
      username: 'ann',
      name: 'ann',
      email: 'ann@example.com',
      status: 'dormant',
      login_type: 'oidc',
      created_at: '2026-01-01T00:00:00Z',
      organization_ids: coder[0]!.organization_ids,
      roles: [{ name: 'owner' }],
    });
    expect(view.byUsername('ann')!.organization_ids).toBe(view.byUsername('ben')!.organization_ids);
  });
});

describe('own changes', () => {
  it('are in the snapshot at once, without a list', async () => {
    const view = await snapshot.get();
    snapshot.noteCreated(user('gil'));
    snapshot.noteChanged(user('hal', { id: 'id-ann', email: 'hal@x.io', status: 'suspended' }));
    snapshot.noteDeleted('id-ben');
    snapshot.noteDeleted('id-nobody');
    expect(view.usernames.has('gil')).toBe(true);
    expect([view.byUsername('ann'), view.byEmail('ann@example.com')]).toEqual([undefined, undefined]);
    expect(view.byEmail('hal@x.io')?.status).toBe('suspended');
    expect([view.byId('id-ben'), view.byUsername('ben'), view.byEmail('ben@example.com')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(view.size).toBe(7);
    expect(calls).toHaveLength(3);
  });

  it('do not free a name that somebody else has taken meanwhile', async () => {
    const view = await snapshot.get();
    snapshot.noteCreated(user('ann', { id: 'id-second' }));
    snapshot.noteDeleted('id-ann');
    expect(view.byUsername('ann')?.id).toBe('id-second');
    expect(view.byEmail('ann@example.com')?.id).toBe('id-second');
  });

  it('survive a list that was under way and had read past them', async () => {
    before.set(1, () => {
      coder.push(user('aaa'));
      snapshot.noteCreated(user('aaa'));
      snapshot.noteChanged(user('ann', { status: 'suspended' }));
    });
    const view = await snapshot.get();
    expect(view.byUsername('aaa')).toBeDefined();
    expect(view.byUsername('ann')?.status).toBe('suspended');
    expect(calls).toHaveLength(3);
  });
});

describe('a list that waits for the limiter', () => {
  const throttle =
    (ms: number): (() => never) =>
    () => {
      throw new ThrottledError('GET /users', ms);
    };

  it('goes on by itself, and sends those away who wait for it', async () => {
    // calls are counted only when they come through
    let refusals = 2;
    before.set(1, () => {
      if (refusals-- > 0) throttle(130)();
    });
    const asked = await failure(snapshot.get());
    expect(asked).toBeInstanceOf(ThrottledError);
    expect((asked as ThrottledError).retryAfterMs).toBeGreaterThanOrEqual(250);
    expect(await failure(snapshot.get())).toBeInstanceOf(ThrottledError);
    await time.advance(130);
    expect(await failure(snapshot.get())).toBeInstanceOf(ThrottledError);
    await time.advance(130);
    expect(await names()).toHaveLength(7);
    expect(calls).toEqual(['', 'id-cid', 'id-fay']);
  });

  it('is there for those who come back even when it took longer than its age', async () => {
    let refusals = 10;
    before.set(1, () => {
      if (refusals-- > 0) throttle(4_000)();
    });
    await failure(snapshot.get());
    await time.advance(40_000);
    expect(await names()).toHaveLength(7);
    expect(calls).toHaveLength(3);
  });

  it('gives up when the path is closed for long', async () => {
    before.set(1, throttle(60_000));
    const error = await failure(snapshot.get());
    expect((error as ThrottledError).retryAfterMs).toBe(60_000);
    before.clear();
    await settled();
    expect(await names()).toHaveLength(7);
  });
});
