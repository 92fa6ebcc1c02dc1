import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimsOf } from '../../../test/support/claims.js';
import {
  databaseInMemory,
  emptyDirectory,
  insertFact,
  insertUser,
} from '../../../test/support/directory-rows.js';
import { settle, testDirectory, type TestDirectory } from '../../../test/support/directory.js';
import { newId, type JsonObject } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { SqlTargetStore } from '../targets/index.js';
import { SqlClaimsDirectory } from './claims-directory.js';
import { claimsDigest } from './digest.js';
import type { ClaimedMembership } from './model.js';

const TOKEN = newId();
const [PLACE, OTHER, ACCOUNT, ENG] = [newId(), newId(), newId(), newId()];
const because = 'claim "groups", value "x"';

let database: Database;
let directory: TestDirectory;
let store: SqlTargetStore;
let claims: SqlClaimsDirectory;
let ann: string;

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  directory = await testDirectory(database);
  store = new SqlTargetStore(database, directory.wakeUps);
  claims = new SqlClaimsDirectory(database, directory.wakeUps);
  ann = await insertUser(database, directory.context.connectionId, {
    userName: 'ann',
    target: { lease_token: TOKEN, lease_until: new Date(Date.now() + 60_000), coder_id: ACCOUNT },
  });
});

const say = (said: JsonObject, subject = 'ann') =>
  claims.state(
    claimsOf(directory.context.connectionId, subject, said, { person: { email: 'ann@example.com' } }),
  );

/** Decides as a run would. */
async function decide(decided: JsonObject, ...groups: ClaimedMembership[]): Promise<void> {
  const { subjects } = (await store.readUser(ann)) ?? expect.fail('there is no user');
  const marked = subjects.map((subject) => ({
    subjectId: subject.id,
    decided: { ...decided, of: claimsDigest(subject) },
    missingGroups: [],
  }));
  await store.decideClaims(ann, TOKEN, marked, groups, false);
}

const WHOLE: JsonObject = {
  organizations: [{ value: OTHER, because }],
  siteRoles: [{ value: 'auditor', because }],
  within: [
    {
      organizationId: PLACE,
      groups: [{ value: { id: ENG }, because }],
      roles: [{ value: 'organization-admin', because }],
    },
  ],
  places: [
    { id: PLACE, name: 'Main' },
    { id: OTHER, name: 'Lab' },
  ],
  nothing: [
    { of: 'groups', organizationId: PLACE, value: 'gone', why: 'there is no such group' },
    { of: 'siteRoles', organizationId: null, value: null, why: 'the claim is missing' },
  ],
  moreNothing: 3,
};
const inEng = { coderId: ENG, organizationId: PLACE, name: 'eng', because };
const standings = async () =>
  (await claims.following(ann)).facts.map(({ kind, standing }) => [kind, standing]);

describe('what follows from claims', () => {
  it('is told with names and reasons, on its way until the bridge has seen it in Coder', async () => {
    await say({ groups: ['x'] });
    await decide(WHOLE, inEng);
    expect(await claims.following(ann)).toEqual({
      isDecided: true,
      facts: [
        { kind: 'organization', name: 'Lab', organization: null, because, standing: 'coming' },
        { kind: 'group', name: 'eng', organization: 'Main', because, standing: 'coming' },
        {
          kind: 'organizationRole',
          name: 'organization-admin',
          organization: 'Main',
          because,
          standing: 'coming',
        },
        { kind: 'siteRole', name: 'auditor', organization: null, because, standing: 'coming' },
      ],
      nothing: [
        { of: 'groups', organization: 'Main', value: 'gone', why: 'there is no such group' },
        { of: 'siteRoles', organization: null, value: null, why: 'the claim is missing' },
      ],
      moreNothing: 3,
    });
    await insertFact(database, ann, 'organization', OTHER);
    const own = `INSERT INTO bridge.owned_roles (target_id, organization_id, role) VALUES ($1, $2, $3)`;
    await database.query(own, [ann, PLACE, 'organization-admin']);
    await database.query(own, [ann, '00000000-0000-0000-0000-000000000000', 'auditor']);
    const [{ id: group } = { id: '' }] = await database.query<{ id: string }>(
      'SELECT id FROM bridge.targets WHERE coder_id = $1',
      [ENG],
    );
    await insertFact(database, group, 'member', ACCOUNT);
    expect((await standings()).map(([, standing]) => standing)).toEqual(Array(4).fill('there'));
  });

  it('has failed, is held, or may not be given, as the work of which it is a part', async () => {
    await say({ groups: ['x'] });
    await decide(WHOLE, inEng);
    const become = (change: string): Promise<unknown> =>
      database.query(`UPDATE bridge.targets SET ${change} WHERE kind = 'group'`);
    await become('failed_version = desired');
    expect(await standings()).toContainEqual(['group', 'failed']);
    await become('failed_version = NULL, held_version = desired');
    expect(await standings()).toContainEqual(['group', 'held']);
    await become('applied = desired');
    await settle(database, ann);
    expect((await standings()).map(([, standing]) => standing)).toEqual(Array(4).fill('absent'));
  });

  it('is not told before the newest claims were decided on, of every subject', async () => {
    const nothing = { isDecided: false, facts: [], nothing: [], moreNothing: 0 };
    await say({ groups: ['x'] });
    expect(await claims.following(ann)).toEqual(nothing);
    await decide(WHOLE);
    expect(await claims.following(ann)).toMatchObject({ isDecided: true });
    await say({ groups: ['x'] });
    expect(await claims.following(ann)).toMatchObject({ isDecided: true });
    await say({ groups: ['y'] });
    expect(await claims.following(ann)).toEqual(nothing);
    await decide(WHOLE);
    await say({ groups: ['x'] }, 'other');
    expect(await claims.following(ann)).toEqual(nothing);
    expect(await claims.following(newId())).toEqual(nothing);
  });

  it('is told once where several subjects have it, and without names where another version wrote it', async () => {
    await say({ groups: ['x'] });
    await say({ groups: ['x'] }, 'other');
    await decide({
      organizations: [{ value: OTHER, because }, null, 7],
      siteRoles: 'x',
      within: [{ roles: 7 }],
    });
    expect((await claims.following(ann)).facts).toEqual([
      { kind: 'organization', name: OTHER, organization: null, because, standing: 'coming' },
    ]);
  });
});
