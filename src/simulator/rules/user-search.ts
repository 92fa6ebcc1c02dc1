import { badRequest, type Validation } from '../server/answers.js';
import type { UserEntry } from '../state/sorted-users.js';
import { contains, isPlain } from './like.js';

const STATUSES = ['active', 'dormant', 'suspended'];
const LOGIN_TYPES = ['password', 'github', 'oidc', 'token', 'none'];
const TIMES = ['last_seen_after', 'last_seen_before', 'created_after', 'created_before'];

type Test = (entry: UserEntry) => boolean;

/**
 * Coder's `q` language of `GET /users`: terms split on spaces (quotes group), everything lower case; `key:value`
 * filters, and the bare terms joined again into one substring of email or username. There is no exact match.
 * @throws ApiFailure 400 with `validations`
 */
export function userSearch(q: string): Test {
  const faults: Validation[] = [];
  const tests: Test[] = [];
  const fields = terms(q.toLowerCase(), 'search', faults);
  if (faults.length === 0) {
    for (const [key, value] of fields) {
      const test = value === '' ? () => true : fieldTest(key, value, faults);
      if (test) tests.push(test);
    }
  }
  if (faults.length > 0) throw badRequest('Invalid user search query.', '', faults);
  const [only, ...more] = tests;
  if (only && more.length === 0) return only;
  return (entry) => tests.every((test) => test(entry));
}

/** The `key:value` filters of a query; its bare terms count as one of the key `bareKey`. */
export function terms(q: string, bareKey: string, faults: Validation[]): Map<string, string> {
  const bare: string[] = [];
  const fields = new Map<string, string>();
  for (const term of split(q, ' ')) {
    if (!term.includes(':')) bare.push(term);
    else readField(term, fields, faults, bareKey);
  }
  if (bare.length > 0 && !fields.has(bareKey)) fields.set(bareKey, bare.join(' '));
  return fields;
}

function readField(term: string, fields: Map<string, string>, faults: Validation[], bareKey: string): void {
  if (term.startsWith(':') || term.endsWith(':')) {
    faults.push({ field: 'q', detail: `Query element "${term}" cannot start or end with ':'` });
    return;
  }
  const [key, value, more] = split(term, ':').map(unquote);
  if (more !== undefined)
    faults.push({ field: 'q', detail: `Query element "${term}" can only contain 1 ':'` });
  // A colon inside quotes leaves one part: the term is a bare one after all, quotes and all.
  else if (key === undefined || value === undefined) fields.set(bareKey, term);
  // Of a key given twice the first counts.
  else if (!fields.has(key)) fields.set(key, value);
}

function fieldTest(key: string, value: string, faults: Validation[]): Test | undefined {
  if (key === 'search') {
    if (isPlain(value)) return (entry) => entry.text.includes(value);
    const matches = contains(value);
    return (entry) => matches(entry.email) || matches(entry.username);
  }
  if (key === 'status') {
    const wanted = list(key, value, STATUSES, faults);
    return (entry) => wanted.includes(entry.user.status);
  }
  if (key === 'login_type') {
    const wanted = list(key, value, LOGIN_TYPES, faults);
    return (entry) => wanted.includes(entry.user.login_type);
  }
  if (key === 'role') {
    const wanted = value.split(',');
    // Everyone is a member.
    return (entry) => wanted.includes('member') || entry.user.roles.some((role) => wanted.includes(role));
  }
  if (key === 'github_com_user_id') {
    if (/^\d{1,18}$/.test(value)) return () => false;
    faults.push({ field: key, detail: `Query param "${key}" must be a valid integer` });
    return undefined;
  }
  if (TIMES.includes(key)) return timeTest(key, value, faults);
  faults.push({ field: key, detail: `Query param "${key}" is not a valid query param` });
  return undefined;
}

function timeTest(key: string, value: string, faults: Validation[]): Test | undefined {
  const time = Date.parse(value.toUpperCase());
  if (Number.isNaN(time)) {
    faults.push({ field: key, detail: `Query param "${key}" must be a valid date format` });
    return undefined;
  }
  const column = key.startsWith('created') ? 'created_at' : 'last_seen_at';
  if (key.endsWith('after')) return (entry) => Date.parse(entry.user[column]) >= time;
  return (entry) => Date.parse(entry.user[column]) <= time;
}

function list(key: string, value: string, known: readonly string[], faults: Validation[]): string[] {
  const values = value.split(',');
  const unknown = values.filter((item) => !known.includes(item));
  if (unknown.length > 0)
    faults.push({ field: key, detail: `Query param "${key}" has invalid values: ${unknown.join(',')}` });
  return values;
}

/** Splits outside of double quotes and keeps the quotes; empty parts fall away. */
function split(text: string, delimiter: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === delimiter && !quoted) {
      if (part) parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  if (part) parts.push(part);
  return parts;
}

function unquote(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charAt(start) === '"') start += 1;
  while (end > start && text.charAt(end - 1) === '"') end -= 1;
  return text.slice(start, end);
}
