import { describe, expect, it } from 'vitest';

import { approvalLines, groupMatchLines, userMatchLines } from './adopt-lines.js';
import type { Backend, WireUserMatch } from './backend.js';
import { runCommand } from './program.js';

const MATCH: WireUserMatch = {
  id: 'id-1',
  connection: 'okta',
  userName: 'ann',
  email: 'ann@x.io',
  by: 'email',
  account: {
    accountId: 'account-1',
    username: 'ann\u001b[2J',
    email: 'ann@x.io',
    usernameEqual: false,
    status: 'active',
    loginType: null,
    refusesSso: false,
    shield: 'owner',
  },
  linkedTo: null,
  outcome: 'held',
  detail: 'It waits for approval.',
  steps: [],
};

async function run(...argv: readonly string[]) {
  const asked: unknown[] = [];
  let out = '';
  const backend: Partial<Backend> = {
    adoption: async (kind, after, connection) => {
      asked.push([kind, after, connection]);
      const matches: never[] = [];
      return { matches, compared: 500, next: after === null && kind === 'user' ? 'id-500' : null };
    },
    approveAdoptions: async (users, connection) => {
      asked.push([users, connection]);
      return { approved: [], unknown: users === 'all' ? [] : users, ambiguous: [] };
    },
    close: async () => undefined,
  };
  const done = runCommand(['adopt', ...argv], {
    open: async () => backend as Backend,
    out: (text) => (out += text),
    error: () => undefined,
    signal: new AbortController().signal,
  });
  const problem = await done.then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  return { asked, out, problem };
}

describe('the command adopt', () => {
  it('walks over all parts of the report, users and then groups', async () => {
    const { asked, out } = await run('--report', '--connection', 'okta');
    expect(asked).toEqual([
      ['user', null, 'okta'],
      ['user', 'id-500', 'okta'],
      ['group', null, 'okta'],
    ]);
    expect(out.split('\n')).toEqual([
      'Users without an account in the bridge: 1000; accounts in Coder that fit: 0.',
      '',
      'Groups without one in Coder: 500; groups in Coder that fit: 0.',
      '',
    ]);
  });

  it('approves those that are named, or all, and fails when one of them is not approved', async () => {
    expect(await run('--approve', 'ann', 'bob')).toMatchObject({
      asked: [[['ann', 'bob'], undefined]],
      out: 'Nothing of ann waits for approval.\nNothing of bob waits for approval.\n',
      problem: expect.stringContaining('Not everybody'),
    });
    for (const argv of [['--approve', '--all'], ['--all']])
      expect(await run(...argv)).toEqual({
        asked: [['all', undefined]],
        out: 'Nothing waits for approval.\n',
        problem: null,
      });
  });

  it.each([
    [],
    ['--approve'],
    ['--approve', 'ann', '--all'],
    ['--report', '--all'],
    ['--report', '--approve', 'ann'],
  ])('does nothing on an unclear order: %j', async (...argv) => {
    expect(await run(...argv)).toMatchObject({ asked: [], problem: expect.stringContaining('Say --report') });
  });

  it('shows what speaks against an account, and lets no name steer the terminal', () => {
    const { account } = MATCH;
    const linkedTo = { connection: 'entra', name: 'zoe' };
    const lines = userMatchLines(
      [
        MATCH,
        { ...MATCH, account: { ...account, refusesSso: true, shield: null, loginType: 'password' } },
        { ...MATCH, outcome: 'refused', linkedTo, detail: 'It is linked.' },
        { ...MATCH, by: 'username', outcome: 'notAdopted', account: { ...account, usernameEqual: true } },
      ],
      9,
    );
    expect(lines[2]).toMatch(
      /^waits for approval +okta +ann +ann\?\[2J +ann@x.io +email +active +\? +site role owner$/,
    );
    expect(lines[3]).toMatch(/password +single sign-on is refused there$/);
    expect(lines[4]).toMatch(/^refused .* site role owner; linked to zoe of entra$/);
    expect(lines[5]).toMatch(/^not adopted .* username +active/);
  });

  it('shows groups with why they are not taken over', () => {
    const group = { groupId: 'g', name: 'tools', displayName: '', source: 'user', members: 3 };
    const match = { id: 'id-1', connection: 'okta', displayName: 'Tools', group, linkedTo: null, steps: [] };
    const lines = groupMatchLines(
      [
        { ...match, outcome: 'refused', detail: 'Somebody else made it.' },
        { ...match, outcome: 'adopted', detail: 'it is empty.' },
      ],
      2,
    );
    expect(lines[2]).toMatch(/^refused +okta +Tools +tools +3 +user +Somebody else made it\.$/);
    expect(lines[3]).toMatch(/^adopted +okta +Tools +tools +3 +user$/);
  });

  it('says who stands for several', () => {
    const approved = [{ id: '1', connection: 'okta', userName: 'ann', accountId: 'a', username: 'ann-2' }];
    expect(approvalLines({ approved, unknown: [], ambiguous: ['bob'] })).toEqual([
      'Approved: ann (okta) takes over ann-2.',
      'bob is several users: name --connection, or an id.',
    ]);
  });
});
