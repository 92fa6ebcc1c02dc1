import { isUuid } from '../../../common/index.js';
import { auditSearch } from '../../rules/audit-search.js';
import { cut, readPage } from '../../rules/query.js';
import { displayName } from '../../rules/roles.js';
import { type Answer, forbidden, json } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { AuditRow } from '../../state/ledger.js';
import type { State } from '../../state/state.js';

export const auditRoutes: readonly Route[] = [{ method: 'GET', path: '/api/v2/audit', handle: list }];

const NIL = '00000000-0000-0000-0000-000000000000';

/** The newest first. Auditors of an organization see its rows when they ask for these. */
function list(call: Call): Answer {
  const { state, caller, deployment, query } = call;
  const search = auditSearch(query.get('q') ?? '', state);
  const page = readPage(query);
  const id = search.organization ? organizationId(state, search.organization) : undefined;
  if (!caller.readsAudit(id)) throw forbidden();
  const rows = deployment.ledger.rows.filter(search.matches).toReversed();
  return json(200, {
    audit_logs: cut(rows, page).map((row) => shape(state, row)),
    count: rows.length,
  });
}

function organizationId(state: State, text: string): string | undefined {
  return (state.organizations.get(text) ?? state.organizationByName(text))?.id;
}

function shape(state: State, row: AuditRow): Record<string, unknown> {
  const user = row.user_id === null ? undefined : state.users.get(row.user_id);
  const organization = state.organizations.get(row.organization_id ?? '');
  const status = row.action === 'create' ? 201 : 200;
  return {
    id: rowId(row, '4'),
    request_id: rowId(row, '5'),
    time: new Date(row.at).toISOString(),
    ip: '127.0.0.1',
    user_agent: '',
    resource_type: row.resource_type,
    resource_id: isUuid(row.resource_id) ? row.resource_id : NIL,
    resource_target: row.resource_target,
    resource_icon: '',
    action: row.action,
    diff: {},
    status_code: status,
    additional_fields: row.additional_fields ?? {},
    description: `{user} ${verb(row)} ${row.resource_type.replaceAll('_', ' ')} {target}`,
    resource_link: '',
    is_deleted: row.action === 'delete',
    organization_id: row.organization_id ?? NIL,
    ...(organization && {
      organization: {
        id: organization.id,
        name: organization.name,
        display_name: organization.display_name,
        icon: organization.icon,
      },
    }),
    user: user && {
      id: user.id,
      username: user.username,
      email: user.email,
      created_at: user.created_at,
      updated_at: user.updated_at,
      last_seen_at: user.last_seen_at,
      status: user.status,
      login_type: user.login_type,
      organization_ids: [],
      roles: user.roles.map((name) => ({ name, display_name: displayName(name) })),
    },
  };
}

function verb({ action }: AuditRow): string {
  const verbs: Partial<Record<AuditRow['action'], string>> = {
    create: 'created',
    write: 'updated',
    delete: 'deleted',
    stop: 'stopped',
    start: 'started',
  };
  return verbs[action] ?? action;
}

/** Rows are numbered; the number is what tells their ids apart. */
function rowId(row: AuditRow, version: '4' | '5'): string {
  const number = row.number.toString(16).padStart(12, '0');
  return `a0d17000-0000-${version}000-8000-${number}`;
}
