import type { JsonObject, StatedAccess } from '../../common/index.js';
import type { GroupReference, ShownUser, StoredUser, UserState } from '../model.js';

/** Columns of `u` (bridge.users) that make a {@link StoredUser}. */
export const USER_COLUMNS = `u.id, u.connection_id, u.user_name, u.external_id, u.email, u.full_name, u.active, u.document, u.access,
       u.version, u.created_at, u.modified_at`;

export interface UserRow {
  readonly id: string;
  readonly connection_id: string;
  readonly user_name: string;
  readonly external_id: string | null;
  readonly email: string | null;
  readonly full_name: string;
  readonly active: boolean;
  readonly document: JsonObject;
  readonly access: StatedAccess | null;
  readonly version: number;
  readonly created_at: Date;
  readonly modified_at: Date;
}

export function toUser(row: UserRow): StoredUser {
  return {
    id: row.id,
    connectionId: row.connection_id,
    userName: row.user_name,
    externalId: row.external_id,
    active: row.active,
    email: row.email,
    fullName: row.full_name,
    document: row.document,
    ...(row.access && { access: row.access }),
    version: row.version,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}

/** Columns of `r` (bridge.users) that make a {@link ShownUser}. */
export const SHOWN_COLUMNS = 'r.id, r.version, r.created_at, r.modified_at, r.document::text AS document';

export interface ShownUserRow {
  readonly id: string;
  readonly version: number;
  readonly created_at: Date;
  readonly modified_at: Date;
  readonly document: string;
  /** Only where it was asked for. */
  readonly groups?: readonly GroupReference[];
}

export function toShownUser(row: ShownUserRow): ShownUser {
  const { id, version, created_at: createdAt, modified_at: modifiedAt, document, groups } = row;
  return { id, version, createdAt, modifiedAt, document, ...(groups && { groups }) };
}

/** The user with a new state, as the database holds it after the push. */
export function withUserState(
  of: Pick<StoredUser, 'id' | 'connectionId' | 'version' | 'createdAt' | 'modifiedAt'>,
  state: UserState,
): StoredUser {
  const { userName, externalId, active, email, fullName, document, access } = state;
  const { id, connectionId, version, createdAt, modifiedAt } = of;
  return {
    id,
    connectionId,
    userName,
    externalId,
    active,
    email,
    fullName,
    document,
    ...(access && { access }),
    version,
    createdAt,
    modifiedAt,
  };
}

/** What the journal keeps of a user's values, apart, so that it can be erased; in the order of their names, as its digest wants them. */
export function personalOf(state: UserState): Record<string, string | null> {
  return { email: state.email, name: state.fullName, userName: state.userName };
}
