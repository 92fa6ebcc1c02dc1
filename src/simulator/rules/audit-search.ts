import { badRequest, type Validation } from '../server/answers.js';
import type { AuditRow } from '../state/ledger.js';
import type { State } from '../state/state.js';
import { terms } from './user-search.js';

const KEYS = [
  'resource_type',
  'resource_id',
  'resource_target',
  'action',
  'username',
  'email',
  'date_from',
  'date_to',
  'request_id',
  'organization',
  'build_reason',
];

/** The `q` language of the audit log: `key:value` terms; bare ones look for a kind of resource. */
export function auditSearch(
  q: string,
  state: State,
): { organization: string; matches: (row: AuditRow) => boolean } {
  const faults: Validation[] = [];
  const fields = terms(q.toLowerCase(), 'resource_type', faults);
  for (const key of fields.keys()) {
    if (!KEYS.includes(key)) {
      faults.push({ field: key, detail: `Query param "${key}" is not a valid query param` });
    }
  }
  const from = date(fields.get('date_from'), 'date_from', faults);
  const to = date(fields.get('date_to'), 'date_to', faults);
  if (faults.length > 0) throw badRequest('Invalid audit search query.', '', faults);
  const wanted = (key: string, value: string | undefined): boolean => {
    const text = fields.get(key);
    return !text || text === value?.toLowerCase();
  };
  const organization = fields.get('organization') ?? '';
  const organizationId = state.organizationByName(organization)?.id ?? organization;
  return {
    organization,
    matches: (row) => {
      const user = row.user_id === null ? undefined : state.users.get(row.user_id);
      return (
        wanted('resource_type', row.resource_type) &&
        wanted('resource_id', row.resource_id) &&
        wanted('resource_target', row.resource_target) &&
        wanted('action', row.action) &&
        wanted('username', user?.username) &&
        wanted('email', user?.email) &&
        (!organization || row.organization_id === organizationId) &&
        row.at >= from &&
        (to === -Infinity || row.at < to + 86_400_000)
      );
    },
  };
}

/** A day, `2026-01-31`; absent: -Infinity. */
function date(text: string | undefined, field: string, faults: Validation[]): number {
  if (!text) return -Infinity;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  faults.push({ field, detail: `Query param "${field}" must be a valid date format (2006-01-02)` });
  return -Infinity;
}
