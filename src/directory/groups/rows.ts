import type { JsonObject, StatedSettings } from '../../common/index.js';
import type { GroupState, MemberReference, ShownGroup, StoredGroup } from '../model.js';
import type { Marked } from '../push/dirty-mark.js';

/** Columns of `g` (bridge.groups) that make a {@link StoredGroup}. */
export const GROUP_COLUMNS = `g.id, g.connection_id, g.display_name, g.external_id, g.document, g.settings, g.version, g.created_at, g.modified_at`;

export interface GroupRow {
  readonly id: string;
  readonly connection_id: string;
  readonly display_name: string;
  readonly external_id: string | null;
  readonly document: JsonObject;
  readonly settings: StatedSettings | null;
  readonly version: number;
  readonly created_at: Date;
  readonly modified_at: Date;
}

/** What a change of a group answers. */
export type ChangedGroup = GroupRow &
  Marked & {
    readonly target_id: string;
    readonly changed: boolean;
    readonly gained: number;
    readonly lost: number;
    /** Ids that are no users: then nothing was changed. */
    readonly unknown: readonly string[] | null;
  };

export function toGroup(row: GroupRow): StoredGroup {
  return {
    id: row.id,
    connectionId: row.connection_id,
    displayName: row.display_name,
    externalId: row.external_id,
    document: row.document,
    ...(row.settings && { settings: row.settings }),
    version: row.version,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}

/** Columns of `r` (bridge.groups) that make a {@link ShownGroup}. */
export const SHOWN_COLUMNS = 'r.id, r.version, r.created_at, r.modified_at, r.document::text AS document';

export interface ShownGroupRow {
  readonly id: string;
  readonly version: number;
  readonly created_at: Date;
  readonly modified_at: Date;
  readonly document: string;
  /** Only where it was asked for. */
  readonly members?: readonly MemberReference[];
}

export function toShownGroup(row: ShownGroupRow): ShownGroup {
  const { id, version, created_at: createdAt, modified_at: modifiedAt, document, members } = row;
  return { id, version, createdAt, modifiedAt, document, ...(members && { members }) };
}

/** The group with a new state, as the database holds it after the push. */
export function withGroupState(of: StoredGroup, state: GroupState): StoredGroup {
  const { displayName, externalId, document, settings } = state;
  const { id, connectionId, version, createdAt, modifiedAt } = of;
  return {
    id,
    connectionId,
    displayName,
    externalId,
    document,
    ...(settings && { settings }),
    version,
    createdAt,
    modifiedAt,
  };
}
