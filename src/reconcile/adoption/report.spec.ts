import { describe, expect, it } from 'vitest';

import { TransientError } from '../../coder/index.js';
import type { CoderUser, UsersView } from '../../coder/index.js';
import type { UnlinkedUser, UserTarget } from '../../directory/index.js';
import { account, context, userTarget } from '../planner/fixtures.js';
import { UserReport } from './report.js';
import { CoderUnlisted } from './unlisted.js';

const USER: UnlinkedUser = {
  id: userTarget().id,
  connection: 'default',
  userName: 'ann@x.io',
  email: 'ann@x.io',
  username: null,
};

/** A report over these, with Coder's list; counts how often it was listed and how many users were read. */
function reportOf(
  users: readonly UnlinkedUser[],
  accounts: readonly CoderUser[] | Error,
  target = userTarget(),
) {
  const asked = { lists: 0, reads: 0 };
  const view = (list: readonly CoderUser[]): UsersView =>
    ({
      byEmail: (email: string) => list.find((one) => one.email === email),
      byUsername: (username: string) => list.find((one) => one.username === username),
    }) as UsersView;
  const get = async (): Promise<UsersView> => {
    asked.lists += 1;
    if (accounts instanceof Error) throw accounts;
    return view(accounts);
  };
  const report = new UserReport(
    { users: async () => [...users], owners: async () => [] },
    {
      readUser: async (id): Promise<UserTarget> => {
        asked.reads += 1;
        return { ...target, id };
      },
    },
    { users: { get } } as unknown as ConstructorParameters<typeof UserReport>[2],
    { of: async () => context() },
  );
  return { report, asked };
}

const ALL = { after: null, limit: 10_000 };

describe('the report of accounts', () => {
  it('lists Coder once for however many users, and reads only those that match', async () => {
    const many = Array.from({ length: 5_000 }, (_none, at) => ({
      ...USER,
      id: `0198f3a2-7c1d-7e55-9a41-${String(at).padStart(12, '0')}`,
      userName: `user-${at}@x.io`,
      email: at === 7 ? 'ann@x.io' : `user-${at}@x.io`,
    }));
    const { report, asked } = reportOf(many, [account()]);
    expect(await report.page(ALL)).toMatchObject({
      compared: 5_000,
      next: null,
      matches: [{ userName: 'user-7@x.io', by: 'email', outcome: 'adopted' }],
    });
    expect(asked).toEqual({ lists: 1, reads: 1 });
  });

  it('goes on after the last one where there may be more', async () => {
    const { report } = reportOf([USER], []);
    expect(await report.page({ after: null, limit: 1 })).toEqual({ matches: [], compared: 1, next: USER.id });
  });

  it('asks Coder nothing where nobody is without an account', async () => {
    const { report, asked } = reportOf([], []);
    expect(await report.page(ALL)).toEqual({ matches: [], compared: 0, next: null });
    expect(asked.lists).toBe(0);
  });

  it.each([
    ['linked', { link: { coderId: account().id, coderName: 'ann', origin: 'created' } }],
    ['deactivated', { active: false }],
    ['deleted', { deleted: true }],
  ] as const)('leaves out who was %s meanwhile', async (_what, change) => {
    const { report } = reportOf([USER], [account()], userTarget(change));
    expect((await report.page(ALL)).matches).toEqual([]);
  });

  it('says nothing, and why, where Coder cannot be listed', async () => {
    const away = new TransientError('GET /users', 'no answer', true);
    const { report } = reportOf([USER], away);
    await expect(report.page(ALL)).rejects.toThrow(CoderUnlisted);
    await expect(report.page(ALL)).rejects.toThrow('Coder cannot be listed: GET /users: no answer');
  });
});
