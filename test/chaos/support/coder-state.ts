import { setTimeout as sleep } from 'node:timers/promises';

import type { IdentityProvider, StatedUser } from './identity-provider.js';

/** What the simulated Coder holds, as `GET /simulator/state` tells it; members by username. */
export interface CoderState {
  readonly users: readonly {
    readonly username: string;
    readonly email: string;
    readonly name: string;
    readonly status: 'active' | 'dormant' | 'suspended';
    readonly organizations: readonly string[];
  }[];
  readonly groups: readonly {
    readonly name: string;
    readonly display_name: string;
    readonly members: readonly string[];
  }[];
}

/** The bridge's own account in the simulator. */
const OWN = 'idp-bridge';

/** Every difference between what was acknowledged and what Coder holds, in words; none: exactly the same. */
export function differences(stated: IdentityProvider, coder: CoderState): string[] {
  return [...userDifferences(stated, coder), ...groupDifferences(stated, coder)];
}

function userDifferences(stated: IdentityProvider, coder: CoderState): string[] {
  const found: string[] = [];
  const accounts = new Map(coder.users.map((account) => [account.email, account]));
  if (accounts.size !== coder.users.length) found.push('two accounts have one email');
  for (const { email, username } of coder.users) {
    if (username !== OWN && !stated.users.has(email)) found.push(`nobody stated ${username} (${email})`);
  }
  for (const user of stated.users.values()) {
    const account = accounts.get(user.userName);
    if (!account) {
      if (isLive(user) || !user.everInactive) found.push(`${user.userName} is not in Coder`);
      continue;
    }
    const { status, username, name, organizations } = account;
    if ((status !== 'suspended') !== isLive(user))
      found.push(`${username} is ${status}, stated ${words(user)}`);
    if (username !== user.userName.split('@', 1)[0]) found.push(`${user.userName} is called ${username}`);
    if (isLive(user) && name !== user.name)
      found.push(`${username} has the name ${name}, stated ${user.name}`);
    if (organizations.length !== 1) found.push(`${username} is in ${organizations.length} organizations`);
  }
  return found;
}

function groupDifferences(stated: IdentityProvider, coder: CoderState): string[] {
  const found: string[] = [];
  const live = [...stated.groups.values()].filter(({ deleted }) => !deleted);
  const groups = new Map(coder.groups.map((group) => [group.display_name, group]));
  const accounts = new Set(coder.users.map(({ username }) => username));
  for (const { name, display_name: displayName } of coder.groups) {
    // Coder has one group for everybody, of the organization's id, which is not the bridge's.
    if (name === 'Everyone' || displayName === 'Everyone') continue;
    if (!live.some((group) => group.displayName === displayName))
      found.push(`nobody stated ${name} (${displayName})`);
  }
  for (const { displayName, members } of live) {
    const group = groups.get(displayName);
    if (!group) {
      found.push(`${displayName} is not in Coder`);
      continue;
    }
    if (!/^(team|crew)-n\d+x$/.test(group.name)) found.push(`${displayName} is called ${group.name}`);
    const wanted = [...members]
      .map((userName) => userName.split('@', 1)[0] ?? '')
      .filter((name) => accounts.has(name));
    const [is, should] = [group.members.toSorted().join(), wanted.toSorted().join()];
    if (is !== should) found.push(`${displayName} has the members [${is}], stated [${should}]`);
  }
  return found;
}

const isLive = (user: StatedUser): boolean => user.active && !user.deleted;
const words = (user: StatedUser): string => (user.deleted ? 'deleted' : user.active ? 'active' : 'inactive');

/** How the bridge stands, by its admin API. */
interface Backlog {
  readonly targets: { readonly dirty: number; readonly failed: number; readonly held: number };
}

/** Waits until nothing is dirty and Coder is as stated; throws the differences that remain in the end. */
export async function untilSettled(
  bridge: { readonly url: string; readonly adminToken: string },
  coderUrl: string,
  stated: IdentityProvider,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const backlog = await json<Backlog>(`${bridge.url}/api/v1/status`, bridge.adminToken).catch(String);
    const remaining = [
      ...differences(stated, await coderState(coderUrl)),
      ...(typeof backlog === 'string' ? [`the bridge does not answer: ${backlog}`] : counts(backlog)),
    ];
    if (remaining.length === 0) return;
    if (Date.now() > deadline) {
      remaining.push(...(await explained(stated, remaining)));
      throw new Error(`not settled after ${timeoutMs} ms:\n${remaining.join('\n')}`);
    }
    await sleep(200);
  }
}

/** What the directory holds of the first users that differ. */
async function explained(stated: IdentityProvider, remaining: readonly string[]): Promise<string[]> {
  const concerned = [...stated.users.values()].filter(({ userName }) =>
    remaining.some((line) => line.split(/[ @]/, 1)[0] === userName.split('@', 1)[0]),
  );
  return Promise.all(
    concerned.slice(0, 5).map(async ({ id, userName }) => {
      const found = await stated.inDirectory(userName).catch(String);
      return `the directory has of ${userName} (${id}): ${found}`;
    }),
  );
}

function counts({ targets }: Backlog): string[] {
  return (['dirty', 'failed', 'held'] as const)
    .filter((state) => targets[state] > 0)
    .map((state) => `${targets[state]} targets are ${state}`);
}

export function coderState(coderUrl: string): Promise<CoderState> {
  return json<CoderState>(`${coderUrl}/simulator/state`);
}

/** A full sync's result: how many targets differ from Coder. */
export async function fullSync(bridge: {
  readonly url: string;
  readonly adminToken: string;
}): Promise<unknown> {
  return json(`${bridge.url}/api/v1/sync`, bridge.adminToken, 'POST');
}

async function json<T>(url: string, token?: string, method = 'GET'): Promise<T> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { method, headers });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}
