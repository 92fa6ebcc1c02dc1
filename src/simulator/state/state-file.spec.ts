import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../index.js';
import { client } from '../testing.js';

let directory: string;
let file: string;
let running: Simulator[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'simulator-'));
  file = join(directory, 'coder.jsonl');
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((simulator) => simulator.close()));
  rmSync(directory, { recursive: true });
});

async function start(path = file): Promise<Simulator> {
  const simulator = await startSimulator({ stateFile: path });
  running.push(simulator);
  return simulator;
}

/** Starts another one on what the file holds at this moment, as after a kill. */
async function startOnCopy(): Promise<Simulator> {
  copyFileSync(file, `${file}.killed`);
  return start(`${file}.killed`);
}

async function fill(simulator: Simulator): Promise<void> {
  const call = client(simulator);
  const organization_ids = [simulator.state.defaultOrganization.id];
  const ids: unknown[] = [];
  for (const username of ['ann', 'bob', 'cid']) {
    const { body } = await call('POST', '/users', {
      username,
      email: `${username}@x.io`,
      login_type: 'oidc',
      organization_ids,
    });
    ids.push(body['id']);
  }
  const { body } = await call('POST', '/organizations/default/groups', { name: 'devs' });
  await call('PATCH', `/groups/${String(body['id'])}`, { name: 'makers', add_users: ids });
  await call('PATCH', `/groups/${String(body['id'])}`, { remove_users: [ids[1]] });
  await call('PUT', '/users/ann/status/suspend');
  await call('DELETE', '/users/cid');
  await call('DELETE', '/organizations/default/members/bob');
}

const summary = async (simulator: Simulator): Promise<unknown> =>
  (await fetch(`${simulator.url}/simulator/state`)).json();

describe('the state file', () => {
  it('holds at each moment everything that was answered', async () => {
    const first = await start();
    await fill(first);
    const second = await startOnCopy();
    expect(await summary(second)).toEqual(await summary(first));
    expect(second.token).toBe(first.token);
    expect((await client(second)('GET', '/users/me')).status).toBe(200);
    const third = await startOnCopy();
    expect(await summary(third)).toEqual(await summary(first));
  });

  it('remembers deleted users, switches, sync settings, workspaces and edits behind the back', async () => {
    const first = await start();
    const { id } = first.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    first.admin.createUser({ username: 'bob', email: 'bob@x.io' });
    first.admin.deleteUser('ann');
    first.admin.setWorkspaces('bob', 1);
    first.admin.set({ oidcConfigured: false, features: { template_rbac: false } });
    first.admin.setGroupSync({ field: 'groups' });
    const second = await startOnCopy();
    const call = client(second);
    expect((await call('GET', `/users/${id}`)).status).toBe(200);
    expect((await call('GET', '/users/ann')).status).toBe(400);
    expect((await call('DELETE', '/users/bob')).status).toBe(417);
    expect((await call('GET', '/organizations/default/settings/idpsync/groups')).body['field']).toBe(
      'groups',
    );
    expect(second.state.switches).toMatchObject({
      oidcConfigured: false,
      features: { template_rbac: false, audit_log: true },
    });
  });

  it('drops a last line that a kill tore, and goes on', async () => {
    const first = await start();
    first.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    await first.close();
    running.pop();
    appendFileSync(file, '[["user",{"id":"00');
    const second = await start();
    expect(second.admin.user('ann').email).toBe('ann@x.io');
    second.admin.createUser({ username: 'bob', email: 'bob@x.io' });
    expect((await startOnCopy()).admin.user('bob').username).toBe('bob');
  });

  it('refuses to start on a file that is broken elsewhere', async () => {
    writeFileSync(file, 'nonsense\n[]\n');
    await expect(startSimulator({ stateFile: file })).rejects.toThrow('line 1');
  });

  it('is compacted at start and readable only by its owner', async () => {
    const first = await start();
    first.admin.createUser({ username: 'ann', email: 'ann@x.io' });
    for (let i = 0; i < 100; i += 1) first.admin.suspend('ann');
    await first.close();
    running.pop();
    const before = readFileSync(file, 'utf8').split('\n').length;
    await start();
    expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(before / 4);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('remembers the port', async () => {
    const first = await start();
    const { url } = first;
    await first.close();
    running.pop();
    expect((await start()).url).toBe(url);
  });

  it('takes another port when the remembered one is in use', async () => {
    const first = await start();
    const second = await startOnCopy();
    expect(second.url).not.toBe(first.url);
  });
});
