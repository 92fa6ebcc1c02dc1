import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { Change } from './rows.js';
import type { State } from './state.js';

/**
 * Keeps the state over restarts, kill -9 included: an append-only file of JSON lines, each line the changes of one
 * request, written before the request is answered. Read and rewritten compactly at start; a line torn by a kill
 * was never answered and is dropped. Mode 0600: it holds the tokens. Not synced to the disk after each line, so the
 * machine's death may cost the last ones.
 */
export class StateFile {
  private readonly descriptor: number;
  private pending: Change[] = [];

  constructor(path: string, state: State) {
    if (existsSync(path)) load(path, state);
    compact(path, state);
    this.descriptor = openSync(path, 'a', 0o600);
    state.onChange = (change) => void this.pending.push(change);
  }

  /** Writes what changed since the last call, as one line. */
  commit(): void {
    if (this.pending.length === 0) return;
    writeAll(this.descriptor, `${JSON.stringify(this.pending)}\n`);
    this.pending = [];
  }

  close(): void {
    this.commit();
    closeSync(this.descriptor);
  }
}

function load(path: string, state: State): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  const torn = lines.pop();
  for (const [index, line] of lines.entries()) {
    const changes = parse(line);
    if (!changes) throw new Error(`line ${index + 1} of the simulator's state file ${path} cannot be read`);
    for (const change of changes) state.apply(change);
  }
  for (const change of (torn && parse(torn)) || []) state.apply(change);
}

/** The program wrote the line itself, so only its completeness is in question. */
function parse(line: string): Change[] | null {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) ? (value as Change[]) : null;
  } catch {
    return null;
  }
}

function compact(path: string, state: State): void {
  const lines = Array.from(snapshot(state), (change) => JSON.stringify([change]));
  const temporary = `${path}.new`;
  writeFileSync(temporary, lines.length > 0 ? `${lines.join('\n')}\n` : '', { mode: 0o600 });
  const descriptor = openSync(temporary, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(temporary, path);
}

/** The changes that make this state out of an empty one. */
function* snapshot(state: State): Generator<Change> {
  if (state.organizations.size === 0) return;
  yield ['switches', state.switches];
  if (state.port !== null) yield ['port', state.port];
  if (state.organizationSync) yield ['organizationSync', state.organizationSync];
  for (const [id, settings] of state.groupSync) yield ['groupSync', id, settings];
  for (const [id, settings] of state.roleSync) yield ['roleSync', id, settings];
  for (const row of state.organizations.values()) yield ['organization', row];
  for (const row of state.users.values()) yield ['user', row];
  for (const rows of state.members.values()) for (const row of rows.values()) yield ['member', row];
  for (const row of state.groups.values()) yield ['group', row];
  for (const [id, users] of state.groupMembers) for (const user of users) yield ['groupMember', id, user];
  for (const row of state.tokens.values()) yield ['token', row];
  for (const [id, owned] of state.workspaces) if (owned > 0) yield ['workspaces', id, owned];
}

/** writeSync may write less than it was given. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}
