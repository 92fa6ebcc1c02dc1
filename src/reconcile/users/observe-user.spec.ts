import { beforeEach, describe, expect, it } from 'vitest';

import { GoneError, RejectedError, TransientError } from '../../coder/index.js';
import type { CoderClient, CoderUser } from '../../coder/index.js';
import { fold } from '../../common/index.js';
import type { UserTarget } from '../../directory/index.js';
import { account, ACCOUNT, linkedUser, SELF, userTarget } from '../planner/fixtures.js';
import type { AccountIndex, AccountSnapshot } from '../ports.js';
import { keepUser, knownUser, sameAsKnown } from './known-user.js';
import { UserObserver } from './observe-user.js';
import type { ObservedUser } from './observed-user.js';

/** Coder's accounts, those of them that were deleted, and what the list at hand still shows. */
let there: CoderUser[];
let deleted: CoderUser[];
let listed: CoderUser[];
let calls: string[];
let noted: string[];
let sight: () => Promise<void>;
let broken: Error | null;

const client: Pick<CoderClient, 'getUser' | 'listUsers'> = {
  getUser: async (user) => {
    calls.push(`get ${user}`);
    if (broken) throw broken;
    const found =
      there.find((one) => one.id === user || one.username === user) ?? deleted.find((one) => one.id === user);
    if (!found) throw new GoneError('GET /users/{user}', '400', 400);
    return found;
  },
  listUsers: async ({ q = '' }) => {
    calls.push(`search ${q}`);
    if (broken) throw broken;
    const users = there.filter((one) =>
      `${one.email} ${one.username}`.toLowerCase().includes(q.toLowerCase()),
    );
    return { users, count: users.length };
  },
};

function index(): AccountIndex {
  return {
    byId: (id) => listed.find((one) => one.id === id),
    byEmail: (email) => listed.find((one) => fold(one.email) === email),
    usernames: { has: (name) => listed.some((one) => fold(one.username) === name) },
  };
}

let many = true;
let atHand = true;

const snapshot: AccountSnapshot = {
  get: async () => {
    calls.push('list');
    return index();
  },
  peek: () => (atHand ? index() : undefined) as ReturnType<AccountSnapshot['peek']>,
  noteChanged: (user) => void noted.push(`changed ${user.username}`),
  noteCreated: (user) => void noted.push(`created ${user.username}`),
  noteDeleted: (id) => void noted.push(`deleted ${id}`),
  invalidate: () => void noted.push('invalidated'),
};

const observer = new UserObserver(client as CoderClient, snapshot, { confirmSight: () => sight() }, () =>
  Promise.resolve(many),
);
let trusted = false;
const observe = (target: UserTarget, mayTrust = true): Promise<ObservedUser> =>
  observer.observe(target, { mayTrust, trust: () => void (trusted = true) });

beforeEach(() => {
  there = [];
  deleted = [];
  listed = [];
  calls = [];
  noted = [];
  broken = null;
  many = true;
  atHand = true;
  trusted = false;
  sight = () => Promise.resolve();
});

describe('a linked account', () => {
  it('is read by its username, whatever the list says of how it stands', async () => {
    listed = [account({ status: 'suspended' })];
    there = [account()];
    expect(await observe(linkedUser())).toMatchObject({
      account: { status: 'active' },
      fresh: true,
    });
    expect(calls).toEqual(['get ann']);
    expect(noted).toEqual(['changed ann']);
  });

  it('that was renamed is found by the name that the list, or its id, tells', async () => {
    there = [account({ username: 'anna' })];
    listed = [account({ username: 'anna' })];
    expect((await observe(linkedUser())).account?.username).toBe('anna');
    expect(calls).toEqual(['get anna']);
    listed = [];
    calls = [];
    expect((await observe(linkedUser())).account?.username).toBe('anna');
    expect(calls).toEqual(['get ann', `get ${ACCOUNT}`, 'get anna']);
  });

  it('that was deleted is gone, though Coder answers its id, and though somebody has its username', async () => {
    deleted = [account()];
    expect((await observe(linkedUser())).account).toBeNull();
    there = [account({ id: 'somebody-else' })];
    expect((await observe(linkedUser())).account).toBeNull();
    expect(noted).toContain(`deleted ${ACCOUNT}`);
  });

  it('is not held to be gone by who may not see everybody', async () => {
    sight = () => Promise.reject(new RejectedError('GET /users/{user}', 'no role'));
    await expect(observe(linkedUser())).rejects.toThrow('no role');
    expect(noted).toEqual([]);
  });

  it('is not held to be gone because Coder does not answer', async () => {
    broken = new TransientError('GET /users/{user}', 'no answer', false);
    await expect(observe(linkedUser())).rejects.toBe(broken);
  });
});

describe('a user without a link', () => {
  it('is looked for in the list, which is enough to know that nobody has the email', async () => {
    there = [account({ username: 'ann', email: 'ann@elsewhere.io' })];
    listed = there;
    expect(await observe(userTarget())).toEqual({ account: null, sameEmail: null, fresh: false });
    expect(calls).toEqual([]);
  });

  it('whose email the list has is read before it is adopted', async () => {
    listed = [account()];
    there = [account({ id: 'new-id', email: 'ANN@x.io' })];
    expect(await observe(userTarget())).toMatchObject({ sameEmail: { id: 'new-id' }, fresh: true });
    there = [];
    expect(await observe(userTarget())).toMatchObject({ sameEmail: null, fresh: true });
  });

  it.each([{ active: false }, { deleted: true }, { email: null }])(
    'that is %j is not looked for',
    async (change) => {
      listed = [account()];
      expect((await observe(userTarget(change))).sameEmail).toBeNull();
      expect(calls).toEqual([]);
    },
  );

  it('is not confused with who has the email as a part of theirs, or as their username', async () => {
    there = [
      account({ id: 'longer', email: 'joann@x.io' }),
      account({ id: 'named', email: 'other@x.io', username: 'ann@x.io' }),
    ];
    expect(await observer.searchEmail('ann@x.io')).toBeNull();
    there.push(account({ id: 'right', email: 'Ann@X.io' }));
    expect((await observer.searchEmail('ann@x.io'))?.id).toBe('right');
  });

  it('has no email that Coder’s search would read as syntax', async () => {
    await observer.searchEmail('status:active"@x.io');
    await observer.searchEmail('a"b@x.io');
    expect(calls).toEqual(['search status', 'search a']);
  });
});

describe('an announced creation without an answer', () => {
  const intent = { key: 'old@x.io', name: 'ann', sentAt: '2026-01-01T00:00:00Z' };

  it('is looked for by the email it was sent with, also for who is inactive or deleted by now', async () => {
    there = [account({ email: 'old@x.io' })];
    for (const change of [{}, { active: false }, { deleted: true }]) {
      const seen = await observe(userTarget({ intent, ...change }));
      expect(seen).toMatchObject({ sameEmail: { email: 'old@x.io' }, fresh: true });
    }
  });

  it('that came to nothing lets the present email be looked for', async () => {
    there = [account()];
    expect(await observe(userTarget({ intent }))).toMatchObject({
      sameEmail: { email: 'ann@x.io' },
    });
    expect(calls).toEqual(['search old@x.io', 'search ann@x.io']);
  });
});

describe('what was last seen', () => {
  const known = JSON.parse(JSON.stringify(keepUser({ account: account(), sameEmail: null, fresh: true })));

  it('is gone by, without a call', async () => {
    const seen = await observe(linkedUser({ known }));
    expect(seen).toMatchObject({ account: account(), fresh: false });
    expect(calls).toEqual([]);
    expect(trusted).toBe(true);
  });

  it.each<[string, Partial<UserTarget>]>([
    ['somebody who was deleted', { deleted: true }],
    ['another account than the linked one', { link: { coderId: SELF, coderName: 'ann', origin: 'created' } }],
    ['somebody who leaves and is shut out already', { active: false, known: keepStatus('suspended') }],
    ['what cannot be read', { known: { account: { id: 1 } } }],
  ])('is not gone by for %s', async (_case, change) => {
    there = [account()];
    await observe(linkedUser({ known, ...change }));
    expect(calls).not.toEqual([]);
    expect(trusted).toBe(false);
  });

  it('is not gone by after a surprise', async () => {
    there = [account({ status: 'dormant' })];
    const seen = await observe(linkedUser({ known }), false);
    expect(seen).toMatchObject({ account: { status: 'dormant' }, fresh: true });
  });

  it('keeps roles in organizations and quiet hours', () => {
    const organizationRoles = new Map([['data', ['organization-admin']]]);
    const kept = keepUser({
      account: account(),
      sameEmail: null,
      fresh: true,
      organizationRoles,
      quietHours: 'x',
    });
    expect(knownUser(linkedUser({ known: kept ?? null }))).toMatchObject({
      organizationRoles,
      quietHours: 'x',
    });
  });

  it('tells whether a list shows the same', () => {
    expect(sameAsKnown(known, account())).toBe(true);
    expect(sameAsKnown(known, account({ username: 'anna' }))).toBe(false);
    expect(sameAsKnown(known, account({ roles: [{ name: 'owner' }] }))).toBe(false);
  });
});

describe('somebody new', () => {
  it('is created without a list when few are, as Coder refuses what is taken', async () => {
    [atHand, many] = [false, false];
    expect(await observe(userTarget())).toEqual({ account: null, sameEmail: null, fresh: false });
    expect(calls).toEqual([]);
  });

  it('is looked for in one list when many are', async () => {
    atHand = false;
    await observe(userTarget());
    expect(calls).toEqual(['list']);
  });
});

function keepStatus(status: 'suspended') {
  return keepUser({ account: account({ status }), sameEmail: null, fresh: true }) ?? null;
}
