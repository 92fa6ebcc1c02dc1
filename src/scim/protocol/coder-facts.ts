import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  type StatedAccess,
  type StatedSettings,
} from '../../common/index.js';
import { CODER_GROUP_SCHEMA, CODER_USER_SCHEMA } from './urns.js';

/**
 * What a user's document states of access in Coder: its roles (RFC 7643 section 4.1.2) and the Coder extension.
 *
 * @returns undefined where nothing is stated, as it is for most people
 */
export function statedAccess(document: JsonObject): StatedAccess | undefined {
  if (document['roles'] === undefined && document[CODER_USER_SCHEMA] === undefined) return undefined;
  const extension = objectOf(document[CODER_USER_SCHEMA]);
  const username = text(extension['username']);
  const quietHours = text(extension['quietHoursSchedule']);
  const organizationRoles = elements(extension['organizationRoles']).flatMap((element) => {
    const [organization, role] = [text(element['organization']), text(element['role'])];
    return organization && role ? [{ organization, role }] : [];
  });
  const access: StatedAccess = {
    ...(username && { username }),
    ...filled('roles', values(document['roles'])),
    ...filled('siteRoles', values(extension['siteRoles'])),
    ...filled('organizations', values(extension['organizations'])),
    ...(organizationRoles.length > 0 && { organizationRoles }),
    ...(quietHours && { quietHours }),
  };
  return Object.keys(access).length > 0 ? access : undefined;
}

/**
 * What a group's document states of the group in Coder: the Coder extension.
 *
 * @returns undefined where nothing is stated
 */
export function statedSettings(document: JsonObject): StatedSettings | undefined {
  if (document[CODER_GROUP_SCHEMA] === undefined) return undefined;
  const extension = objectOf(document[CODER_GROUP_SCHEMA]);
  const { quotaAllowance } = extension;
  const avatarUrl = text(extension['avatarUrl']);
  const organization = text(extension['organization']);
  const templateRoles = elements(extension['templateRoles']).flatMap((element) => {
    const [template, role] = [text(element['template']), element['role']];
    return template && (role === 'use' || role === 'admin') ? [{ template, role } as const] : [];
  });
  const settings: StatedSettings = {
    ...(typeof quotaAllowance === 'number' && { quotaAllowance }),
    ...(avatarUrl && { avatarUrl }),
    ...(organization && { organization }),
    ...(templateRoles.length > 0 && { templateRoles }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

function filled<Name extends string>(name: Name, list: readonly string[]): Partial<Record<Name, string[]>> {
  return list.length > 0 ? ({ [name]: [...list] } as Record<Name, string[]>) : {};
}

/** Each value once, in the order of the document. */
function values(value: Json | undefined): string[] {
  return [...new Set(elements(value).map((element) => text(element['value'])))].filter((item) => item !== '');
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value.trim() : '';
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function elements(value: Json | undefined): JsonObject[] {
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}
