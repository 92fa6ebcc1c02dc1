import type { State } from '../state/state.js';
import type { WorkspaceBuildRow, WorkspaceRow } from '../state/tables.js';
import { builds } from './builds.js';

/** A build as lists and workspaces show it. */
export function buildShape(
  state: State,
  workspace: WorkspaceRow,
  build: WorkspaceBuildRow,
  now: number,
): Record<string, unknown> {
  const owner = state.users.get(workspace.owner_id);
  const work = builds(state, now);
  const job = work.job(build);
  const done = job === 'running' ? null : new Date(Math.min(build.done_at, now)).toISOString();
  return {
    id: build.id,
    build_number: build.build_number,
    created_at: build.created_at,
    updated_at: done ?? build.created_at,
    workspace_id: workspace.id,
    workspace_name: workspace.name,
    workspace_owner_id: workspace.owner_id,
    workspace_owner_name: owner?.username ?? '',
    template_version_id: workspace.template_id,
    transition: build.transition,
    initiator_id: build.initiator_id,
    initiator_name: state.users.get(build.initiator_id)?.username ?? '',
    job: {
      id: build.id,
      created_at: build.created_at,
      started_at: build.created_at,
      ...(done !== null && { completed_at: done }),
      ...(build.canceled_at !== null && { canceled_at: build.canceled_at }),
      ...(job === 'failed' && { error: 'terraform apply: exit status 1' }),
      status: job,
      tags: {},
      file_id: build.id,
      queue_position: 0,
      queue_size: 0,
    },
    reason: 'initiator',
    resources: [],
    status: work.buildStatus(build),
    daily_cost: workspace.daily_cost,
  };
}

/** A workspace with its latest build. */
export function workspaceShape(state: State, row: WorkspaceRow, now: number): Record<string, unknown> {
  const owner = state.users.get(row.owner_id);
  const organization = state.organizations.get(row.organization_id);
  const template = state.tables.get('template', row.template_id);
  return {
    id: row.id,
    created_at: row.created_at,
    updated_at: row.updated_at,
    owner_id: row.owner_id,
    owner_name: owner?.username ?? '',
    owner_avatar_url: owner?.avatar_url ?? '',
    organization_id: row.organization_id,
    organization_name: organization?.name ?? '',
    template_id: row.template_id,
    template_name: template?.name ?? '',
    template_display_name: template?.display_name ?? '',
    template_icon: '',
    latest_build: buildShape(state, row, builds(state, now).latest(row), now),
    outdated: false,
    name: row.name,
    ...(row.autostart_schedule !== null && { autostart_schedule: row.autostart_schedule }),
    ...(row.ttl_ms !== null && { ttl_ms: row.ttl_ms }),
    last_used_at: row.last_used_at,
    deleting_at: null,
    dormant_at: row.dormant_at,
    health: { healthy: true, failing_agents: [] },
    automatic_updates: 'never',
    allow_renames: false,
    favorite: false,
  };
}
