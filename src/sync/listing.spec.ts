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
  return new CoderListing(accounts, groups, context());
}

describe('a user differs from Coder', () => {
  const clean = { applied: 1 };

  it('not at all where everything is as stated', () => {
    expect(listing([account()]).user(linkedUser(clean))).toBe('none');
  });

  it('not by the email, which Coder’s API cannot change', () => {
    expect(listing([account({ email: 'other@x.io' })]).user(linkedUser(clean))).toBe('none');
  });

  it('not when inactive without an account', () => {
    expect(listing([]).user(userTarget({ ...clean, active: false }))).toBe('none');
  });

  it('as a loss where access is open that should not be', () => {
    expect(listing([account()]).user(linkedUser({ ...clean, active: false }))).toBe('loss');
    expect(listing([account()]).user(linkedUser({ ...clean, deleted: true }))).toBe('loss');
  });

  it('as a gain where the account is suspended, gone, misnamed, or out of the organization', () => {
    expect(listing([account({ status: 'suspended' })]).user(linkedUser(clean))).toBe('gain');
    expect(listing([]).user(linkedUser(clean))).toBe('gain');
    expect(listing([account({ name: 'Other' })]).user(linkedUser(clean))).toBe('gain');
    expect(listing([account({ organization_ids: [] })]).user(linkedUser(clean))).toBe('gain');
  });

  it('as a gain where a membership is there and not owned yet', () => {
    expect(listing([account()]).user(linkedUser({ ...clean, ownedOrganizations: [] }))).toBe('gain');
  });
});

describe('a group differs from Coder', () => {
  const [ann, bob] = [member(1), member(2)];
  const target = linkedGroup({ applied: 1, members: stated([ann]), ownedMembers: [ann] });

  it('not at all where everything is as stated, whoever else is in it', () => {
    expect(listing([], [group([ann])]).group(target)).toBe('none');
    expect(listing([], [group([ann, bob])]).group(target)).toBe('none');
  });

  it('as a gain where a member is missing, the name is another, or the group is gone', () => {
    expect(listing([], [group([])]).group(target)).toBe('gain');
    expect(listing([], [group([ann], { name: 'renamed' })]).group(target)).toBe('gain');
    expect(listing([], []).group(target)).toBe('gain');
  });

  it('as a loss where an owned member is in it who is not stated any more', () => {
    const left = linkedGroup({ applied: 1, members: [], ownedMembers: [ann] });
    expect(listing([], [group([ann])]).group(left)).toBe('loss');
  });

  it('not where the token sees fewer members than there are: nothing follows from that', () => {
    expect(listing([], [group([], { total_member_count: 1 })]).group(target)).toBe('none');
  });

  it('as a gain where it was never made', () => {
    expect(listing([], []).group(groupTarget({ applied: 1 }))).toBe('gain');
  });
});
