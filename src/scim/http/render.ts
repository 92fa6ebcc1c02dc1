import { isUuid, isJsonObject, type Json, type JsonObject } from '../../common/index.js';
import type { GroupReference, MemberReference, StoredGroup, StoredUser } from '../../directory/index.js';
import {
  ENTERPRISE_USER_SCHEMA,
  groupType,
  schemasOf,
  userType,
  type Projection,
  type ResourceTypeDefinition,
} from '../protocol/index.js';
import type { ScimReply } from './reply.js';

type Stored = StoredUser | StoredGroup;

/** A user as it goes out: the document, and what the bridge says of it. */
export function renderUser(user: StoredUser, base: string, view: Projection): JsonObject {
  const groups = user.groups ?? [];
  return view.apply(
    assembled(userType, user, base, {
      ...withManagerReference(user.document, base),
      ...(groups.length > 0 ? { groups: groups.map((group) => groupReference(group, base)) } : {}),
    }),
  );
}

/** A group as it goes out; `members` is there when it was read and not empty (RFC 7643 section 2.5). */
export function renderGroup(group: StoredGroup, base: string, view: Projection): JsonObject {
  const members = group.members ?? [];
  const more: JsonObject =
    members.length > 0 ? { members: members.map((member) => memberReference(member, base)) } : {};
  return view.apply(assembled(groupType, group, base, more));
}

/** The resource's address. */
export function locationOf(type: ResourceTypeDefinition, id: string, base: string): string {
  return `${base}${type.endpoint}/${id}`;
}

/** The headers of an answer that shows one resource. The entity tag equals meta.version (RFC 7643 section 3.1). */
export function resourceHeaders(resource: Stored): NonNullable<ScimReply['headers']> {
  return { etag: versionOf(resource) };
}

/**
 * Everything of a resource in one object. Object.assign, as spreading several objects into one makes a hash table, which takes
 * JSON.stringify several times as long; a document's keys are names of the schemas, so that none is a setter.
 */
function assembled(
  type: ResourceTypeDefinition,
  resource: Stored,
  base: string,
  more: JsonObject,
): JsonObject {
  const { document, id } = resource;
  const head: Record<string, Json> = { schemas: schemasOf(type, document), id };
  return Object.assign(head, document, more, { meta: metaOf(type, resource, base) });
}

function metaOf(type: ResourceTypeDefinition, resource: Stored, base: string): JsonObject {
  return {
    resourceType: type.name,
    created: resource.createdAt.toISOString(),
    lastModified: resource.modifiedAt.toISOString(),
    location: locationOf(type, resource.id, base),
    version: versionOf(resource),
  };
}

function versionOf({ version }: Stored): string {
  return `W/"${version}"`;
}

function groupReference({ id, displayName }: GroupReference, base: string): JsonObject {
  return { value: id, $ref: locationOf(groupType, id, base), display: displayName, type: 'direct' };
}

function memberReference({ id, userName }: MemberReference, base: string): JsonObject {
  return { value: id, $ref: locationOf(userType, id, base), display: userName, type: 'User' };
}

/** The manager's `$ref`, where `value` can be the id of a resource here. */
function withManagerReference(document: JsonObject, base: string): JsonObject {
  const enterprise = object(document[ENTERPRISE_USER_SCHEMA]);
  const manager = object(enterprise?.['manager']);
  const id = manager?.['value'];
  if (!enterprise || !manager || !isUuid(id)) return {};
  const reference = { ...manager, $ref: locationOf(userType, id, base) };
  return { [ENTERPRISE_USER_SCHEMA]: { ...enterprise, manager: reference } };
}

function object(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}
