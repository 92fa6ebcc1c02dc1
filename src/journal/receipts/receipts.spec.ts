import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { databaseInMemory, emptyDirectory } from '../../../test/support/directory-rows.js';
import { groupState, settle, testDirectory, userState } from '../../../test/support/directory.js';
import type { TestDirectory } from '../../../test/support/directory.js';
import { newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import { appendJournal } from '../entry.js';
import { NoReceipt } from './model.js';
import type { Receipt } from './model.js';
import { readReceipt } from './reader.js';

let database: Database;
let directory: TestDirectory;
const CODER_ID = newId();

beforeAll(async () => {
  database = await databaseInMemory();
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyDirectory(database);
  directory = await testDirectory(database);
});

async function employ(
  name = 'ann',
  more: Parameters<typeof userState>[1] = {},
  coderId = CODER_ID,
): Promise<string> {
  const { resource } = await directory.users.create(directory.context, userState(name, more));
  await database.query(
    `UPDATE bridge.targets SET coder_id = $2, coder_name = $3, origin = 'created', linked_at = now() WHERE id = $1`,
    [resource.id, coderId, name],
  );
  await settle(database, resource.id);
  return resource.id;
}

const activate = (id: string, active: boolean) =>
  directory.users.change(directory.context, id, (now) => ({
    ...now,
    active,
    document: { ...now.document, active },
  }));
const remove = (id: string) => directory.users.remove(directory.context, id);
const receipt = (name: string, connection: string | null = null): Promise<Receipt> =>
  readReceipt(database, name, connection);

/** As the reconciler would record it. */
async function effect(
  targetId: string,
  action: string,
  facts: Record<string, unknown> = {},
  personal?: Record<string, unknown>,
): Promise<void> {
  await appendJournal(database, {
    connectionId: directory.context.connectionId,
    target: { kind: 'user', id: targetId },
    source: 'reconcile',
    action,
    version: 2,
    facts: { coderId: CODER_ID, ...facts },
    ...(personal && { personal }),
  });
}

const looked = (id: string, tokens: string[] | null, workspaces: string[] | null, underWay: string[] = []) =>
  effect(id, 'coder.offboarding.looked', { tokens, workspaces, underWay: workspaces && underWay });

async function refusal(work: Promise<unknown>): Promise<[string, string]> {
  const error = await work.catch((problem: unknown) => problem);
  if (!(error instanceof NoReceipt)) throw new Error(`no refusal but ${String(error)}`);
  return [error.code, error.message];
}

const told = ({ steps }: Receipt): string[] =>
  steps.map(({ step, subject, outcome }) => `${step} ${subject ?? ''} ${outcome}`.replaceAll(/ +/g, ' '));

describe('a receipt', () => {
  it('has the push, each step with its time since, and is complete when the version is applied', async () => {
    const id = await employ();
    await activate(id, false);
    await effect(id, 'coder.user.suspended');
    await looked(id, ['key-1', 'key-2'], ['ws-1']);
    expect(await receipt('ann')).toMatchObject({
      verdict: 'ongoing',
      steps: [
        { step: 'suspend', outcome: 'done' },
        { step: 'revokeToken', subject: 'key-1', outcome: 'waiting', at: null, ms: null },
        { step: 'revokeToken', subject: 'key-2', outcome: 'waiting' },
        { step: 'stopWorkspace', subject: 'ws-1', outcome: 'waiting' },
      ],
    });
    await effect(id, 'coder.user.tokenRevoked', { keyId: 'key-1' });
    await effect(id, 'coder.user.tokenRevoked', { keyId: 'key-2', seenGone: true });
    await effect(id, 'coder.workspace.stopped', { workspaceId: 'ws-1', buildId: 'b' });
    await looked(id, null, [], ['ws-1']);
    expect(told(await receipt('ann'))).toContain('stopWorkspace ws-1 waiting');
    await looked(id, null, []);
    await settle(database, id);
    const done = await receipt('ann');
    expect(done).toMatchObject({
      user: { id, userName: 'ann', deleted: false, coderId: CODER_ID },
      verdict: 'complete',
      pushes: [
        { action: 'user.deactivated', source: 'scim', requestId: directory.context.requestId, version: 2 },
      ],
      returned: null,
    });
    expect(told(done)).toEqual([
      'suspend done',
      'revokeToken key-1 done',
      'revokeToken key-2 done',
      'stopWorkspace ws-1 done',
    ]);
    const [suspend, , lost, stop] = done.steps;
    const [push] = done.pushes;
    expect(suspend?.ms).toBe(Date.parse(suspend?.at ?? '') - Date.parse(push?.at ?? ''));
    expect(lost?.reason).toContain('no answer');
    expect(done.lastEffectAt).toBe(stop?.seenAt);
    expect(stop).not.toHaveProperty('reason');
    expect(JSON.stringify(done)).not.toContain('example.com');
  });

  it('is not complete where Coder refused a part, and says what and why', async () => {
    const id = await employ();
    await activate(id, false);
    await effect(id, 'coder.user.suspended');
    await effect(id, 'coder.offboarding.refused', { step: 'list tokens', status: null, needs: ['owner'] });
    await looked(id, null, ['ws-1', 'ws-2']);
    await effect(
      id,
      'coder.offboarding.refused',
      { step: 'stopWorkspace', status: 403, workspaceId: 'ws-1' },
      { detail: 'POST /builds: Forbidden.' },
    );
    await effect(id, 'coder.workspace.stopped', { workspaceId: 'ws-2' });
    await effect(id, 'coder.offboarding.refused', {
      step: 'stopWorkspace',
      status: null,
      workspaceId: 'ws-2',
      buildId: 'b-2',
      buildFailed: true,
    });
    await settle(database, id);
    const { verdict, steps } = await receipt('ann');
    expect(verdict).toBe('refused');
    expect(steps.slice(1)).toMatchObject([
      { step: 'listTokens', outcome: 'refused', status: null, reason: expect.stringContaining('role owner') },
      { step: 'stopWorkspace', subject: 'ws-1', status: 403, reason: 'POST /builds: Forbidden.' },
      { step: 'stopWorkspace', subject: 'ws-2', outcome: 'refused', reason: expect.stringContaining('b-2') },
    ]);
  });

  it.each([
    [
      'failed',
      `failed_version = desired, failure = '{"detail":"it is an owner","status":400}'`,
      { outcome: 'failed', reason: 'it is an owner', status: 400 },
    ],
    ['held', `held_version = desired, held = '{"dryRun":true}'`, { outcome: 'held', reason: /dry-run/ }],
    ['held', `held_version = desired, held = '{"losses":1}'`, { outcome: 'held', reason: /safety budget/ }],
    ['ongoing', `tries = 2, not_before = '2030-01-01'`, { outcome: 'waiting', reason: /again at 2030/ }],
    ['ongoing', `tries = 0`, { outcome: 'waiting' }],
  ])('is %s as the target stands (%s)', async (verdict, columns, step) => {
    const id = await employ();
    await activate(id, false);
    await database.query(`UPDATE bridge.targets SET ${columns} WHERE id = $1`, [id]);
    const reason =
      'reason' in step && step.reason instanceof RegExp ? expect.stringMatching(step.reason) : undefined;
    expect(await receipt('ann')).toMatchObject({
      verdict,
      steps: [{ step: 'suspend', ...step, ...(reason && { reason }) }],
    });
  });

  it('says that a paused connection waits, and that a protected account was left alone', async () => {
    const id = await employ();
    await activate(id, false);
    await database.query('UPDATE bridge.connections SET paused_at = now()');
    expect((await receipt('ann')).steps).toMatchObject([
      { outcome: 'waiting', reason: 'the connection is paused' },
    ]);
    await database.query('UPDATE bridge.connections SET paused_at = NULL');
    await effect(id, 'note.protected', { detail: 'The account was not suspended: it is protected.' });
    await settle(database, id);
    expect(await receipt('ann')).toMatchObject({
      verdict: 'refused',
      steps: [{ step: 'suspend', outcome: 'refused', reason: expect.stringContaining('protected') }],
    });
  });

  it('has nothing to do for somebody without an account', async () => {
    const { resource } = await directory.users.create(directory.context, userState('new'));
    await remove(resource.id);
    await settle(database, resource.id);
    expect(await receipt('new')).toMatchObject({
      verdict: 'complete',
      steps: [{ step: 'suspend', outcome: 'none' }],
    });
  });

  it('has the groups, organizations and roles that were lost, each with its own outcome', async () => {
    const id = await employ();
    const groups: string[] = [];
    for (const name of ['Devs', 'Ops', 'Stuck', 'Slow']) {
      const { target } = await directory.groups.create(directory.context, groupState(name), [id]);
      await settle(database, target.id);
      groups.push(target.id);
    }
    await remove(id);
    await effect(id, 'coder.user.suspended');
    await effect(id, 'coder.user.roles', { organizationId: null, gained: [], lost: ['auditor'] });
    await effect(id, 'coder.organization.left', { organizationId: 'org-1' });
    await settle(database, id);
    const [devs = '', ops = '', stuck = ''] = groups;
    await effect(devs, 'coder.group.patched', { removed: ['somebody else'] });
    await effect(devs, 'coder.group.patched', { removed: [CODER_ID] });
    await settle(database, devs);
    await settle(database, ops);
    await database.query(
      `UPDATE bridge.targets SET failed_version = desired, failure = '{"detail":"no licence"}' WHERE id = $1`,
      [stuck],
    );
    const { verdict, steps } = await receipt('ann');
    expect(verdict).toBe('failed');
    expect(steps).toMatchObject([
      { step: 'suspend', outcome: 'done' },
      { step: 'takeRoles', subject: 'auditor', outcome: 'done' },
      { step: 'leaveOrganization', subject: 'org-1', outcome: 'done' },
      { step: 'leaveGroup', subject: 'Devs', outcome: 'done', ms: expect.any(Number) },
      { step: 'leaveGroup', subject: 'Ops', outcome: 'none', at: null },
      { step: 'leaveGroup', subject: 'Stuck', outcome: 'failed', reason: 'no licence' },
      { step: 'leaveGroup', subject: 'Slow', outcome: 'waiting' },
    ]);
  });

  it('begins with the deactivation that came before the deletion, and tells only the last leaving', async () => {
    const id = await employ();
    await activate(id, false);
    await effect(id, 'coder.user.tokenRevoked', { keyId: 'of the first time' });
    await activate(id, true);
    await activate(id, false);
    await effect(id, 'coder.user.suspended');
    await remove(id);
    await settle(database, id);
    const { pushes, steps } = await receipt('ann');
    expect(pushes.map(({ action }) => action)).toEqual(['user.deactivated', 'user.deleted']);
    expect(steps.map(({ step }) => step)).toEqual(['suspend']);
  });

  it('tells how access came back, and what did not', async () => {
    const id = await employ();
    await activate(id, false);
    await effect(id, 'coder.user.suspended');
    await settle(database, id);
    await activate(id, true);
    expect(await receipt('ann')).toMatchObject({ returned: { outcome: 'waiting', at: null } });
    await effect(id, 'coder.user.activated', { notRestored: { tokens: 2, workspaces: 1 } });
    await settle(database, id);
    expect(await receipt('ann')).toMatchObject({
      verdict: 'complete',
      returned: {
        push: { action: 'user.activated' },
        outcome: 'done',
        ms: expect.any(Number),
        notRestored: { tokens: 2, workspaces: 1 },
      },
    });
  });

  it('is superseded where access came back before it had ended', async () => {
    const id = await employ();
    await activate(id, false);
    await activate(id, true);
    await settle(database, id);
    expect(await receipt('ann')).toMatchObject({ verdict: 'superseded', returned: { outcome: 'done' } });
  });

  it('knows who was deleted and made again for the same person', async () => {
    const old = await employ('ann', { externalId: 'ext-1' });
    await remove(old);
    await effect(old, 'coder.user.suspended');
    await settle(database, old);
    const { resource } = await directory.users.create(
      directory.context,
      userState('ann.new', { externalId: 'ext-1' }),
    );
    await effect(resource.id, 'coder.user.activated');
    await settle(database, resource.id);
    for (const name of ['ann', 'ann.new', 'ext-1', resource.id, old]) {
      const { user, verdict, returned } = await receipt(name);
      expect({ id: user.id, verdict, action: returned?.push.action, outcome: returned?.outcome }).toEqual({
        id: old,
        verdict: 'complete',
        action: 'user.created',
        outcome: 'done',
      });
    }
  });
});

describe('whom a receipt is of', () => {
  it.each(['id', 'ANN', 'ext-1', 'Ann@Example.com'])('is found by %s, living or deleted', async (name) => {
    const id = await employ('ann', { externalId: 'ext-1' });
    await activate(id, false);
    expect((await receipt(name === 'id' ? id : name)).user.id).toBe(id);
    await remove(id);
    expect((await receipt(name === 'id' ? id : name)).user).toMatchObject({ id, deleted: true });
  });

  it('is refused for nobody, for several, and for who never left, with the reason', async () => {
    await employ();
    expect(await refusal(receipt('nobody'))).toEqual([
      'unknownUser',
      expect.stringContaining('no user nobody'),
    ]);
    for (const name of ['a\0b', 'a\ud800', 'x'.repeat(513), 'a\u001b[2Jb'])
      expect(await refusal(receipt(name))).toEqual(['unknownUser', expect.not.stringMatching(/\p{Cc}/u)]);
    expect(await refusal(receipt('ann'))).toEqual([
      'neverLeft',
      expect.stringMatching(/^Nothing to show: ann of/),
    ]);
    const first = directory;
    directory = await testDirectory(database);
    const other = await employ('ann', { email: 'ann@other.example' }, newId());
    expect(await refusal(receipt('ann'))).toEqual(['ambiguousUser', expect.stringContaining('--connection')]);
    await activate(other, false);
    const [row] = await database.query<{ name: string }>(
      'SELECT name FROM bridge.connections WHERE id = $1',
      [directory.context.connectionId],
    );
    expect((await receipt('ann', row?.name)).user.id).toBe(other);
    expect((await receipt('ann@other.example')).user.id).toBe(other);
    expect((await refusal(receipt('ann', 'no such connection')))[0]).toBe('unknownUser');
    directory = first;
  });
});
