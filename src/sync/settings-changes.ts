import { createHash } from 'node:crypto';

import type { AccessRules } from '../common/index.js';
import type { Config, ConnectionConfig } from '../config/index.js';
import type { ConnectionMarks } from '../directory/index.js';
import type { DirtyTargets, WakeUps } from '../queue/index.js';

/**
 * Raises everybody of a connection whose policy, rules or organization are others than those by which they were last reconciled.
 * What then differs is carried out like any other change, its losses within the safety budget.
 */
export class SettingsChanges {
  private done = false;

  constructor(
    private readonly marks: ConnectionMarks,
    private readonly dirty: Pick<DirtyTargets, 'raise'>,
    private readonly wakeUps: WakeUps,
    private readonly config: Pick<Config, 'connections'>,
  ) {}

  /**
   * Once in the life of a process, as the configuration is read once. Cut short, it begins anew.
   *
   * @returns how many targets were raised
   */
  async take(): Promise<number> {
    if (this.done) return 0;
    const known = await this.marks.all();
    let raised = 0;
    for (const connection of this.config.connections) {
      const row = known.find(({ name }) => name === connection.name);
      const digest = digestOf(connection);
      if (!row || row.digest === digest) continue;
      if (row.used) raised += await this.raise(row.id);
      // Last of all: a process that dies before it leaves the work to the next one.
      await this.marks.remember(row.id, digest);
    }
    this.done = true;
    return raised;
  }

  private async raise(connectionId: string): Promise<number> {
    const ids = await this.marks.targetsOf(connectionId);
    const reason =
      'the policy, the rules, the settings of IdP sync or the organization of the connection changed';
    this.wakeUps.wake(await this.dirty.raise(ids, 'settings', reason, 'normal'));
    return ids.length;
  }
}

/** SHA-256 of what plans are made by, whatever the order in which it was written down. */
function digestOf({ policy, rules, organization, idpSync }: ConnectionConfig): string {
  const text = JSON.stringify([
    Object.entries(policy).toSorted(byName),
    entriesOf(rules),
    organization ?? null,
    // Only where there is one: nobody is raised because the bridge has learned of it.
    ...(idpSync === undefined ? [] : [plain(idpSync)]),
  ]);
  return createHash('sha256').update(text).digest('hex');
}

function entriesOf({ groups, roles }: AccessRules): unknown {
  return [groups, roles].map((grants) => [...grants].toSorted(byName));
}

/** Maps as lists, and everything in the order of its names. */
function plain(value: unknown): unknown {
  if (value instanceof Map) {
    const entries: readonly (readonly [unknown, unknown])[] = [...(value as ReadonlyMap<unknown, unknown>)];
    return entries.map(([name, one]) => [name, plain(one)]).toSorted(byText);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([name, one]: [string, unknown]) => [name, plain(one)])
    .toSorted(byText);
}

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
