import type { ClaimsStatement, PersonSignal } from '../../common/index.js';
import { DirectoryError } from '../model.js';
import { isStorable, MAX_INDEXED_LENGTH } from '../state/checks.js';

/** OpenID Connect Core section 2: `sub` is at most 255 ASCII characters. */
const MAX_SUBJECT_LENGTH = 255;
const MAX_EXTERNAL_IDS = 16;
/** Of what is claimed and of what is not readable, each as JSON; a face keeps to 64 KB. */
const MAX_JSON_LENGTH = 128 * 1024;

/** @throws DirectoryError invalidValue where something is too large, or cannot be stored */
export function checkStatement({
  issuer,
  subject,
  issuedAt,
  claims,
  unreadable,
  person,
}: ClaimsStatement): void {
  checkText('iss', issuer, MAX_INDEXED_LENGTH);
  checkText('sub', subject, MAX_SUBJECT_LENGTH);
  if (Number.isNaN(issuedAt.getTime())) refuse('iat', 'is no time');
  if (person.externalIds.length > MAX_EXTERNAL_IDS) refuse('externalIds', 'are too many');
  for (const id of person.externalIds) checkText('externalId', id, MAX_INDEXED_LENGTH);
  checkText('email', person.email, MAX_INDEXED_LENGTH);
  checkText('userName', person.userName, MAX_INDEXED_LENGTH);
  checkText('name', person.name, MAX_INDEXED_LENGTH);
  if (JSON.stringify(claims).length > MAX_JSON_LENGTH) refuse('claims', 'are too large');
  if (JSON.stringify(unreadable).length > MAX_JSON_LENGTH) refuse('unreadable', 'are too large');
}

/** @throws DirectoryError invalidValue, as {@link checkStatement} */
export function checkSignals(signals: readonly PersonSignal[]): void {
  for (const { hook, event, eventId, at, externalId, names } of signals) {
    checkText('hook', hook, MAX_INDEXED_LENGTH);
    checkText('event', event, MAX_INDEXED_LENGTH);
    checkText('eventId', eventId, MAX_INDEXED_LENGTH);
    checkText('externalId', externalId, MAX_INDEXED_LENGTH);
    for (const name of names) checkText('name', name, MAX_INDEXED_LENGTH);
    if (at !== null && Number.isNaN(at.getTime())) refuse('time', 'is no time');
  }
}

function checkText(name: string, value: string | null, most: number): void {
  if (value === null) return;
  if (value.length > most) refuse(name, `is longer than ${most} characters`);
  if (!isStorable(value)) refuse(name, 'contains a character that cannot be stored');
}

function refuse(name: string, why: string): never {
  throw new DirectoryError('invalidValue', `${name} ${why}`, [name]);
}
