import { describe, expect, it } from 'vitest';

import type { CoderGroup, CoderUser } from '../coder/index.js';
import { fold } from '../common/index.js';
import {
  account,
  context,
  group,
  groupTarget,
  linkedGroup,
  linkedUser,
  member,
  stated,
  userTarget,
} from '../reconcile/planner/fixtures.js';
import { CoderListing } from './drift.js';

/** Coder with these users and groups. */
function listing(users: readonly CoderUser[], groups: readonly CoderGroup[] = []): CoderListing {
  const accounts = {
    byId: (id: string) => users.find((user) => user.id === id),
    byEmail: (email: string) => users.find((user) => fold(user.email) === fold(email)),
    usernames: new Set(users.map((user) => fold(user.username))),
  };
  const lists = {
    accounts: { get: () => Promise.resolve(accounts) },
    groupsOf: () => ({ get: () => Promise.resolve({ all: () => groups }) }),
    rolesIn: () => Promise.resolve(new Map<string, string[]>()),
  };
  return new CoderListing(accounts, lists, { of: () => Promise.resolve(context()) }, true);
}

describe('a user differs from Coder', () => {
  const clean = { applied: 1 };

  it('not at all where everything is as stated', async () => {
    expect(await listing([account()]).user(linkedUser(clean))).toBe('none');
  });

  it('not by the email, which Coder’s API cannot change', async () => {
    expect(await listing([account({ email: 'other@x.io' })]).user(linkedUser(clean))).toBe('none');
  });

  it('not when inactive without an account', async () => {
    expect(await listing([]).user(userTarget({ ...clean, active: false }))).toBe('none');
  });

  it('as a loss where access is open that should not be', async () => {
    expect(await listing([account()]).user(linkedUser({ ...clean, active: false }))).toBe('loss');
    expect(await listing([account()]).user(linkedUser({ ...clean, deleted: true }))).toBe('loss');
  });

  it('as a gain where the account is suspended, gone, misnamed, or out of the organization', async () => {
    expect(await listing([account({ status: 'suspended' })]).user(linkedUser(clean))).toBe('gain');
    expect(await listing([]).user(linkedUser(clean))).toBe('gain');
    expect(await listing([account({ name: 'Other' })]).user(linkedUser(clean))).toBe('gain');
    expect(await listing([account({ organization_ids: [] })]).user(linkedUser(clean))).toBe('gain');
  });

  it('as a gain where a membership is there and not owned yet', async () => {
    expect(await listing([account()]).user(linkedUser({ ...clean, ownedOrganizations: [] }))).toBe('gain');
  });
});

describe('a group differs from Coder', () => {
  const [ann, bob] = [member(1), member(2)];
  const target = linkedGroup({ applied: 1, members: stated([ann]), ownedMembers: [ann] });

  it('not at all where everything is as stated, whoever else is in it', async () => {
    expect(await listing([], [group([ann])]).group(target)).toBe('none');
    expect(await listing([], [group([ann, bob])]).group(target)).toBe('none');
  });

  it('as a gain where a member is missing, the name is another, or the group is gone', async () => {
    expect(await listing([], [group([])]).group(target)).toBe('gain');
    expect(await listing([], [group([ann], { name: 'renamed' })]).group(target)).toBe('gain');
    expect(await listing([], []).group(target)).toBe('gain');
  });

  it('as a loss where an owned member is in it who is not stated any more', async () => {
    const left = linkedGroup({ applied: 1, members: [], ownedMembers: [ann] });
    expect(await listing([], [group([ann])]).group(left)).toBe('loss');
  });

  it('not where the token sees fewer members than there are: nothing follows from that', async () => {
    expect(await listing([], [group([], { total_member_count: 1 })]).group(target)).toBe('none');
  });

  it('as a gain where it was never made', async () => {
    expect(await listing([], []).group(groupTarget({ applied: 1 }))).toBe('gain');
  });
});
