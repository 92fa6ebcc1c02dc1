import { documentText, isJsonObject, isUuid, type Json, type JsonObject } from '../../../common/index.js';
import type {
  GroupReference,
  MemberReference,
  ShownGroup,
  ShownUser,
  StoredGroup,
  StoredUser,
} from '../../../directory/index.js';
import {
  ENTERPRISE_USER_SCHEMA,
  entityTag,
  groupType,
  userType,
  wholeResource,
  type Projection,
  type ResourceTypeDefinition,
} from '../../protocol/index.js';
import type { JsonParts } from './json-parts.js';
import type { ScimReply } from './reply.js';

type Resource = StoredUser | StoredGroup | ShownUser | ShownGroup;

/** A user as it goes out, JSON text: the document, and what the bridge says of it. */
export function renderUser(user: StoredUser | ShownUser, base: string, view: Projection): string {
  const groups = 'groups' in user && user.groups ? user.groups : [];
  const document = withManagerReference(textOf(user), base);
  const references = groups.map((group) => groupReference(group, base));
  return shown(assembled(userType, user, document, base, listOf('groups', references)), view);
}

/** Members of a group that are made into text at once. */
const PART = 500;

/**
 * A group as it goes out, JSON text; `members` is there when it was read and not empty (RFC 7643 section 2.5). A large group
 * comes in parts.
 */
export function renderGroup(group: StoredGroup | ShownGroup, base: string, view: Projection): JsonParts {
  const members = 'members' in group && group.members ? group.members : [];
  if (members.length > PART) return renderLargeGroup(group, members, base, view);
  const references = members.map((member) => memberReference(member, base));
  return shown(assembled(groupType, group, textOf(group), base, listOf('members', references)), view);
}

/** The members come last, a part of them at a time; each part is shown as the whole would be. */
function* renderLargeGroup(
  group: StoredGroup | ShownGroup,
  members: readonly MemberReference[],
  base: string,
  view: Projection,
): Generator<string> {
  const rest = shown(assembled(groupType, group, textOf(group), base, ''), view);
  yield rest.slice(0, -1);
  let before = ',"members":[';
  for (let i = 0; i < members.length; i += PART) {
    const references = members.slice(i, i + PART).map((member) => memberReference(member, base));
    const { members: seen } = view.apply({ members: references });
    if (!Array.isArray(seen) || seen.length === 0) continue;
    yield before + JSON.stringify(seen).slice(1, -1);
    before = ',';
  }
  yield before === ',' ? ']}' : '}';
}

/** The resource's address. */
export function locationOf(type: ResourceTypeDefinition, id: string, base: string): string {
  return `${base}${type.endpoint}/${id}`;
}

/** The headers of an answer that shows one resource. The entity tag equals meta.version (RFC 7643 section 3.1). */
export function resourceHeaders(resource: Resource): NonNullable<ScimReply['headers']> {
  return { etag: versionOf(resource) };
}

/** A document is stored and sent as text: it is parsed only where a part of it is asked for. */
function textOf({ document }: Resource): string {
  return typeof document === 'string' ? document : documentText(document);
}

function shown(resource: string, view: Projection): string {
  if (view === wholeResource) return resource;
  return JSON.stringify(view.apply(JSON.parse(resource) as JsonObject));
}

/**
 * Everything of a resource in one text. What is put in beside the document needs no escaping (ids, times, numbers) or is
 * stringified.
 *
 * @param more further members of the object, with a comma before them
 */
function assembled(
  type: ResourceTypeDefinition,
  resource: Resource,
  document: string,
  base: string,
  more: string,
): string {
  const { id } = resource;
  const stated = document.slice(1, -1);
  const inner = stated === '' ? '' : `,${stated}`;
  return `{"schemas":${schemasIn(type, document)},"id":"${id}"${inner}${more},"meta":${metaOf(type, resource, base)}}`;
}

/**
 * URNs of the schemas of which the document holds data (RFC 7643 section 3). An extension's URN with a quote before and
 * after it and a colon can only be a key: inside a string the quotes would be escaped.
 */
function schemasIn(type: ResourceTypeDefinition, document: string): string {
  let urns = `"${type.schema.id}"`;
  for (const { id } of type.extensions) if (document.includes(`"${id}":`)) urns += `,"${id}"`;
  return `[${urns}]`;
}

function metaOf(type: ResourceTypeDefinition, resource: Resource, base: string): string {
  const location = JSON.stringify(locationOf(type, resource.id, base));
  const [created, modified] = [resource.createdAt.toISOString(), resource.modifiedAt.toISOString()];
  const version = JSON.stringify(versionOf(resource));
  return `{"resourceType":"${type.name}","created":"${created}","lastModified":"${modified}","location":${location},"version":${version}}`;
}

/** A user's groups are shown with it, though a membership is no change of the user: they are part of the tag. */
function versionOf(resource: Resource): string {
  const groups = 'groups' in resource && resource.groups ? resource.groups : [];
  return entityTag(resource.version, groups.map(({ id, displayName }) => `${id} ${displayName}`).join());
}

function listOf(name: string, references: readonly JsonObject[]): string {
  return references.length === 0 ? '' : `,"${name}":${JSON.stringify(references)}`;
}

function groupReference({ id, displayName }: GroupReference, base: string): JsonObject {
  return { value: id, $ref: locationOf(groupType, id, base), display: displayName, type: 'direct' };
}

function memberReference({ id, userName }: MemberReference, base: string): JsonObject {
  return { value: id, $ref: locationOf(userType, id, base), display: userName, type: 'User' };
}

/** The document with the manager's `$ref`, where `value` can be the id of a resource here. */
function withManagerReference(text: string, base: string): string {
  if (!text.includes('"manager":')) return text;
  const document = JSON.parse(text) as JsonObject;
  const enterprise = object(document[ENTERPRISE_USER_SCHEMA]);
  const manager = object(enterprise?.['manager']);
  const id = manager?.['value'];
  if (!enterprise || !manager || !isUuid(id)) return text;
  const reference = { ...manager, $ref: locationOf(userType, id, base) };
  return JSON.stringify({ ...document, [ENTERPRISE_USER_SCHEMA]: { ...enterprise, manager: reference } });
}

function object(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}
