import { SINCE_2025 } from '../../rules/releases.js';
import { type Answer, json } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { TemplateRow } from '../../state/tables.js';
import { organizationParam, templateParam } from '../lookup.js';

export const templateRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/templates',
    notIn: SINCE_2025,
    handle: (call) => list(call, call.state.tables.rows('template')),
  },
  { method: 'GET', path: '/api/v2/organizations/{organization}/templates', handle: listOf },
  {
    method: 'GET',
    path: '/api/v2/templates/{template}',
    handle: (call) => json(200, shape(call, templateParam(call))),
  },
];

function listOf(call: Call): Answer {
  const { id } = organizationParam(call);
  return list(
    call,
    call.state.tables.rows('template').filter((row) => row.organization_id === id),
  );
}

function list(call: Call, rows: readonly TemplateRow[]): Answer {
  return json(
    200,
    rows.filter((row) => call.caller.readsTemplate(row)).map((row) => shape(call, row)),
  );
}

function shape(call: Call, row: TemplateRow): Record<string, unknown> {
  const { id, organization_id, name, display_name, created_at, updated_at } = row;
  const owner = call.state.organizations.get(organization_id);
  return {
    id,
    created_at,
    updated_at,
    organization_id,
    organization_name: owner?.name ?? '',
    organization_display_name: owner?.display_name ?? '',
    organization_icon: owner?.icon ?? '',
    name,
    display_name,
    description: '',
    icon: '',
    provisioner: 'terraform',
    deprecated: false,
    active_user_count: 0,
  };
}
