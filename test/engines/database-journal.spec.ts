import { describe, expect, it } from 'vitest';
import { newId } from '../../src/common/index.js';
import {
  appendJournal,
  appendJournalEntries,
  appendMemberships,
  ensurePartitions,
  erasePersonalValues,
  journalEntry,
  journalInsert,
  journalOfTarget,
  membershipEntries,
  membershipInsert,
  membershipsOfGroup,
  membershipsOfUser,
  sealPersonal,
  verifyPersonal,
} from '../../src/journal/index.js';
import type { JournalEntry } from '../../src/journal/index.js';
import { ENGINES, useEngine } from '../support/engines.js';

function entry(target: string, action: string, more: Partial<JournalEntry> = {}): JournalEntry {
  return { connectionId: newId(), target: { kind: 'user', id: target }, source: 'scim', action, ...more };
}

describe.each(ENGINES)('the journal on %s', (name) => {
  const held = useEngine(name);

  it('answers the entries of a target, newest first, and those before one of them', async () => {
    const db = held.engine.database;
    const target = newId();
    await db.transaction(async (tx) => {
      await appendJournal(
        tx,
        entry(target, 'user.created', { version: 1, requestId: 'r1', facts: { active: true } }),
      );
      await appendJournal(tx, entry(newId(), 'user.created'));
      await appendJournalEntries(tx, [
        entry(target, 'user.changed', { version: 2, personal: { userName: 'a"n,n\\' } }),
        entry(target, 'coder.user.created', { source: 'reconcile' }),
      ]);
    });
    const rows = await journalOfTarget(db, target, 2);
    expect(rows.map((row) => row.action)).toEqual(['coder.user.created', 'user.changed']);
    expect(rows[1]).toMatchObject({ version: 2, personal: { values: { userName: 'a"n,n\\' } } });
    const older = await journalOfTarget(db, target, 10, rows[1]?.id);
    expect(older).toMatchObject([
      {
        action: 'user.created',
        version: 1,
        requestId: 'r1',
        facts: { active: true },
        personal: null,
        targetKind: 'user',
      },
    ]);
  });

  it('appends within the statement that makes the change, with the version that the change gave', async () => {
    const db = held.engine.database;
    const target = newId();
    await db.query(
      `WITH raised AS (SELECT $1::uuid AS id, 41 + $2::bigint AS desired),
       journaled AS (${journalInsert(3, { from: 'raised', version: 'raised.desired', targetId: 'raised.id' })})
       SELECT 1`,
      [target, 1, ...journalEntry({ ...entry(target, 'user.changed'), target: null, version: null })],
    );
    expect(await journalOfTarget(db, target, 5)).toMatchObject([{ action: 'user.changed', version: 42 }]);
  });

  it('appends nothing where the change changed nothing', async () => {
    const db = held.engine.database;
    const target = newId();
    await db.query(
      `WITH raised AS (SELECT 1 WHERE false), journaled AS (${journalInsert(1, { from: 'raised' })}) SELECT 1`,
      journalEntry(entry(target, 'user.changed')),
    );
    expect(await journalOfTarget(db, target, 5)).toEqual([]);
  });

  it('keeps a row for each membership, by user and by group', async () => {
    const db = held.engine.database;
    const [groupId, ann, bob] = [newId(), newId(), newId()];
    const entries = { connectionId: newId(), groupId, source: 'scim', version: 3, requestId: 'r2' };
    await db.transaction((tx) => appendMemberships(tx, 'added', [ann, bob], entries));
    await db.query(
      `WITH gone AS (SELECT $1::uuid AS user_id), journaled AS (${membershipInsert(2, 'removed', 'gone', '4::bigint')})
       SELECT 1`,
      [ann, ...membershipEntries({ ...entries, version: null })],
    );
    expect(await membershipsOfUser(db, ann, 9)).toMatchObject([
      { change: 'removed', groupId, version: 4 },
      { change: 'added', groupId, version: 3, requestId: 'r2' },
    ]);
    expect((await membershipsOfGroup(db, groupId, 9)).map((row) => row.userId)).toEqual([ann, bob, ann]);
  });

  it('verifies stored personal values by their digest, and keeps the digest when they are erased', async () => {
    const db = held.engine.database;
    const [ann, bob] = [newId(), newId()];
    const personal = { emails: [{ value: 'ann@example.com', primary: true }], n: 1.5, odd: '😀\0' };
    await appendJournal(db, entry(ann, 'user.created', { personal }));
    await appendJournal(db, entry(bob, 'user.created', { personal }));
    const [before] = await journalOfTarget(db, ann, 1);
    expect(
      before?.personal && verifyPersonal(before.personal, before.personalDigest ?? new Uint8Array()),
    ).toBe(true);

    expect(await erasePersonalValues(db, ann)).toBe(1);
    const [after] = await journalOfTarget(db, ann, 1);
    expect(after).toMatchObject({ personal: null, action: 'user.created' });
    expect([...(after?.personalDigest ?? [])]).toEqual([...(before?.personalDigest ?? [])]);
    expect((await journalOfTarget(db, bob, 1))[0]?.personal?.values).toMatchObject({ n: 1.5 });
    // Who guesses the values does not find the digest, because the salt is gone with them.
    expect(sealPersonal(personal).digest).not.toEqual(Buffer.from(after?.personalDigest ?? []));
  });

  it('makes the partitions of this month and the next, once, also when several start at once', async () => {
    const db = held.engine.database;
    const now = new Date('2031-12-15T00:00:00Z');
    const made = await Promise.all([1, 2, 3].map(() => ensurePartitions(db, now)));
    expect(made.flat().sort()).toEqual([
      'journal_2031_12',
      'journal_2032_01',
      'journal_memberships_2031_12',
      'journal_memberships_2032_01',
    ]);
    expect(await ensurePartitions(db, now)).toEqual([]);
  });

  it('goes on in the new partition, with ids from the same sequence', async () => {
    const db = held.engine.database;
    const target = newId();
    await appendJournal(db, entry(target, 'before'));
    const [row] = await db.query<{ at: Date }>('SELECT at FROM bridge.journal ORDER BY id DESC LIMIT 1');
    // The present month lies in the default partition by now, so the partition is made for a later one.
    const later = new Date(Date.UTC((row?.at.getUTCFullYear() ?? 0) + 1, 5));
    await ensurePartitions(db, later);
    await db.query(
      `INSERT INTO bridge.journal (at, source, action, target_id) VALUES ($1, 'scim', 'later', $2)`,
      [later, target],
    );
    const [found] = await db.query<{ part: string }>(
      `SELECT tableoid::regclass::text AS part FROM bridge.journal WHERE action = 'later'`,
    );
    expect(found?.part).toMatch(/journal_\d{4}_06$/);
    expect((await journalOfTarget(db, target, 5)).map((entryRow) => entryRow.action)).toEqual([
      'later',
      'before',
    ]);
  });

  it('leaves a month in the default partition that already has rows there', async () => {
    const db = held.engine.database;
    await db.query(`INSERT INTO bridge.journal (at, source, action) VALUES ('2041-03-05Z', 'scim', 'early')`);
    const made = await ensurePartitions(db, new Date('2041-03-31T23:00:00Z'));
    expect(made.sort()).toEqual([
      'journal_2041_04',
      'journal_memberships_2041_03',
      'journal_memberships_2041_04',
    ]);
  });
});
