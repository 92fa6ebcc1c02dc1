import type { CallOptions } from '../call-options.js';
import { anyObject, flag, key, listOf, number, optional, record, text } from '../decode.js';
import { get } from '../http/route.js';
import { readReducedUser } from '../shapes.js';
import type { Transport } from '../http/transport.js';

const readAuditRow = record('an audit row', {
  id: key,
  time: optional(text),
  request_id: optional(text),
  ip: optional(text),
  user_agent: optional(text),
  organization_id: optional(text),
  /** `user`, `group`, `organization_member` ... */
  resource_type: optional(text),
  resource_id: optional(text),
  resource_target: optional(text),
  /** `create`, `write`, `delete`, `login` ... */
  action: optional(text),
  /** By field `{old, new, secret}`. */
  diff: optional(anyObject),
  status_code: optional(number),
  additional_fields: optional(anyObject),
  description: optional(text),
  resource_link: optional(text),
  is_deleted: optional(flag),
  /** Who did it; null for Coder itself. */
  user: optional(readReducedUser),
});

const readAuditPage = record('a page of the audit log', { audit_logs: listOf(readAuditRow), count: number });

export type CoderAuditRow = ReturnType<typeof readAuditRow>;

/** Coder's "Audit" section (feature `audit_log`: without it nothing is written). */
export function audit(transport: Transport) {
  return {
    /** `GET /audit`: 200, the newest first; 403 for all but owners and auditors; `q` is like `resource_type:user action:create`. */
    listAudit: (query: { q?: string; limit: number; offset?: number }, options?: CallOptions) =>
      transport.call({ route: get('/audit'), query: { ...query }, bulk: true, read: readAuditPage, options }),
  };
}
