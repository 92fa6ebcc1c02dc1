import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  type StatedAccess,
} from '../../common/index.js';
import { readDocument } from './document.js';
import { statedAccess } from './coder-facts.js';
import { userType } from './schema/index.js';
import type { Tolerance } from './tolerance.js';

/** What a user's document says apart from itself; the directory keeps these as columns. */
export interface UserFacts {
  readonly userName: string;
  readonly externalId: string | null;
  readonly active: boolean;
  readonly email: string | null;
  readonly fullName: string;
  readonly document: JsonObject;
  /** Roles, organizations and more that are for Coder; absent where nothing is stated. */
  readonly access?: StatedAccess;
}

/** Coder's limit on a user's name. */
const FULL_NAME_LENGTH = 128;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/**
 * Reads the body of a POST or PUT of a user. `active` that is not stated, or null, is what it was, and true for a new
 * user: leaving it out neither locks anyone out nor lets anyone in.
 *
 * @param wasActive of the user that is replaced
 * @throws ScimError 400 invalidValue with the path
 */
export function readUser(body: JsonObject, tolerance: Tolerance, wasActive = true): JsonObject {
  const document = readDocument(userType, body, tolerance);
  return document['active'] === undefined ? { ...document, active: wasActive } : document;
}

/** The facts of a document that {@link readUser} or a PATCH made. */
export function userFacts(document: JsonObject, tolerance: Tolerance): UserFacts {
  const userName = text(document['userName']);
  const access = accessOf(document, userName, tolerance);
  return {
    userName,
    externalId: text(document['externalId']) || null,
    active: document['active'] !== false,
    email: emailOf(document, tolerance),
    fullName: fullNameOf(document),
    document,
    ...(access && { access }),
  };
}

/** What is stated for Coder; a username that the person does not go by is told from the userName. */
function accessOf(document: JsonObject, userName: string, tolerance: Tolerance): StatedAccess | undefined {
  const stated = statedAccess(document);
  const username = tolerance.userName(userName);
  return username === userName || stated?.username !== undefined ? stated : { ...stated, username };
}

/** The primary address, else the first of type work, else the first, else the userName if it looks like an address. */
function emailOf(document: JsonObject, tolerance: Tolerance): string | null {
  const emails = elements(document['emails']).filter((email) => text(email['value']).trim() !== '');
  const chosen =
    emails.find((email) => email['primary'] === true) ??
    emails.find((email) => text(email['type']).toLowerCase() === 'work') ??
    emails[0];
  if (chosen) return tolerance.userName(text(chosen['value']).trim());
  const userName = tolerance.userName(text(document['userName']).trim());
  return ADDRESS.test(userName) ? userName : null;
}

/** name.formatted, else given and family name, else displayName. */
function fullNameOf(document: JsonObject): string {
  const name = isJsonObject(document['name']) ? document['name'] : {};
  const parts = [text(name['givenName']).trim(), text(name['familyName']).trim()];
  const chosen =
    text(name['formatted']).trim() ||
    parts.filter((part) => part !== '').join(' ') ||
    text(document['displayName']).trim();
  // A name has no more characters than UTF-16 units.
  if (chosen.length <= FULL_NAME_LENGTH) return chosen;
  return Array.from(chosen).slice(0, FULL_NAME_LENGTH).join('').trim();
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function elements(value: Json | undefined): JsonObject[] {
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}
