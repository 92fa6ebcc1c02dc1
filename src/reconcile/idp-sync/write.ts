import { CoderError } from '../../coder/index.js';
import type { CoderClient } from '../../coder/index.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import { isUnread } from '../../policy/index.js';
import type { PlannedChange, SharedDocument } from './changes.js';
import { inCodersNames } from './documents.js';

/** What of Coder's client writes settings. */
export type SettingsTarget = Pick<
  CoderClient,
  | 'updateGroupSync'
  | 'updateGroupSyncConfig'
  | 'updateRoleSync'
  | 'updateRoleSyncConfig'
  | 'updateOrganizationSync'
  | 'updateOrganizationSyncConfig'
>;

/** What became of a change. */
export interface ChangeResult extends PlannedChange {
  /** `planned`: it was only to be shown. */
  readonly outcome: 'planned' | 'written' | 'blocked' | 'refused';
  /** Coder's words, where it refused. */
  readonly detail: string | null;
}

/** Writes the changes that can be written, one after the other; what Coder refuses stops no other. */
export async function writeChanges(
  coder: SettingsTarget,
  changes: readonly PlannedChange[],
  documents: readonly SharedDocument[],
): Promise<ChangeResult[]> {
  const results: ChangeResult[] = [];
  for (const change of changes) {
    const document = documents.find(
      ({ kind, organization }) => kind === change.sync && organization?.id === change.organization?.id,
    );
    if (change.blocked !== null || !document || isUnread(document.inCoder)) {
      results.push({ ...change, outcome: 'blocked', detail: null });
      continue;
    }
    try {
      await write(coder, change, inCodersNames(document.kind, document.inCoder));
      results.push({ ...change, outcome: 'written', detail: null });
    } catch (error) {
      if (!(error instanceof CoderError)) throw error;
      results.push({ ...change, outcome: 'refused', detail: error.message });
    }
  }
  return results;
}

/** The changes as they are shown before anything is written. */
export function onlyPlanned(changes: readonly PlannedChange[]): ChangeResult[] {
  return changes.map((change) => ({
    ...change,
    outcome: change.blocked === null ? 'planned' : 'blocked',
    detail: null,
  }));
}

/**
 * Coder replaces a document as a whole, so that every key is sent. Where the mapping stays, it is not sent at all: somebody may
 * be changing it. Coder before 2025 knows the whole document only.
 */
async function write(coder: SettingsTarget, change: PlannedChange, present: JsonObject): Promise<void> {
  const changed = Object.fromEntries(change.keys.map(({ key, after }) => [key, after]));
  const all = { ...present, ...changed };
  if (Object.hasOwn(changed, 'mapping')) return writeAll(coder, change, all);
  try {
    await writeConfig(coder, change, all);
  } catch (error) {
    if (!(error instanceof CoderError) || error.status !== 404) throw error;
    await writeAll(coder, change, all);
  }
}

async function writeConfig(coder: SettingsTarget, change: PlannedChange, all: JsonObject): Promise<void> {
  const field = textOf(all['field']);
  const id = change.organization?.id ?? '';
  if (change.sync === 'organization')
    await coder.updateOrganizationSyncConfig({
      field,
      assign_default: all['organization_assign_default'] === true,
    });
  else if (change.sync === 'groups') await coder.updateGroupSyncConfig(id, { field, ...groupConfig(all) });
  else if (change.sync === 'roles') await coder.updateRoleSyncConfig(id, { field });
}

async function writeAll(coder: SettingsTarget, change: PlannedChange, all: JsonObject): Promise<void> {
  const both = { field: textOf(all['field']), mapping: mappingOf(all['mapping']) };
  const id = change.organization?.id ?? '';
  if (change.sync === 'organization')
    await coder.updateOrganizationSync({
      ...both,
      organization_assign_default: all['organization_assign_default'] === true,
    });
  else if (change.sync === 'groups') await coder.updateGroupSync(id, { ...both, ...groupConfig(all) });
  else if (change.sync === 'roles') await coder.updateRoleSync(id, both);
}

function groupConfig(all: JsonObject): { regex_filter: string | null; auto_create_missing_groups: boolean } {
  const filter = all['regex_filter'];
  return {
    regex_filter: typeof filter === 'string' ? filter : null,
    auto_create_missing_groups: all['auto_create_missing_groups'] === true,
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function mappingOf(value: Json | undefined): Record<string, string[]> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, list]) => [
      name,
      isJsonArray(list) ? list.filter((item) => typeof item === 'string') : [],
    ]),
  );
}
