import { builds } from '../../rules/builds.js';
import { buildShape } from '../../rules/workspace-shape.js';
import { type Answer, ApiFailure, badRequest, forbidden, json, notFound } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { WorkspaceBuildRow, WorkspaceRow } from '../../state/tables.js';
import { workspaceParam } from '../lookup.js';

const BUILDS = '/api/v2/workspaces/{workspace}/builds';
const BUILD = '/api/v2/workspacebuilds/{workspacebuild}';

export const buildRoutes: readonly Route[] = [
  { method: 'GET', path: BUILDS, handle: list },
  { method: 'POST', path: BUILDS, handle: create },
  { method: 'GET', path: BUILD, handle: show },
  { method: 'PATCH', path: `${BUILD}/cancel`, handle: cancel },
];

function shape(call: Call, workspace: WorkspaceRow, build: WorkspaceBuildRow): Record<string, unknown> {
  return buildShape(call.state, workspace, build, call.deployment.clock.now());
}

/** The newest first. */
function list(call: Call): Answer {
  const workspace = workspaceParam(call);
  const rows = call.state.tables.rows('workspaceBuild').filter((row) => row.workspace_id === workspace.id);
  return json(
    200,
    rows.toReversed().map((row) => shape(call, workspace, row)),
  );
}

/** One build at a time. */
function create(call: Call): Answer {
  const { state, caller, deployment } = call;
  const workspace = workspaceParam(call);
  const transition = call.body().string('transition') ?? '';
  if (transition !== 'start' && transition !== 'stop' && transition !== 'delete') {
    const detail = `Validation failed for tag "oneof" with value: "${transition}"`;
    throw badRequest('Validation failed.', '', [{ field: 'transition', detail }]);
  }
  if (!caller.managesWorkspaces(workspace.organization_id, workspace.owner_id)) throw forbidden();
  const work = builds(state, deployment.clock.now());
  if (work.job(work.latest(workspace)) === 'running') {
    throw new ApiFailure(409, 'A workspace build is already active.');
  }
  const build = deployment.build(workspace, transition, caller.id);
  const workspaceNow = state.tables.get('workspace', workspace.id) ?? workspace;
  // Right after the order, whatever the clock says, the work has not been done.
  const before = Date.parse(build.created_at) - 1;
  return json(201, buildShape(state, workspaceNow, { ...build, done_at: build.done_at + 1 }, before));
}

function find(call: Call): { workspace: WorkspaceRow; build: WorkspaceBuildRow } {
  const build = call.state.tables.get('workspaceBuild', call.param('workspacebuild').toLowerCase());
  const workspace = build && call.state.tables.get('workspace', build.workspace_id);
  if (!workspace || !call.caller.readsWorkspaces(workspace.organization_id, workspace.owner_id)) {
    throw notFound();
  }
  return { workspace, build };
}

function show(call: Call): Answer {
  const { workspace, build } = find(call);
  return json(200, shape(call, workspace, build));
}

function cancel(call: Call): Answer {
  const { workspace, build } = find(call);
  if (!call.caller.managesWorkspaces(workspace.organization_id, workspace.owner_id)) throw forbidden();
  if (builds(call.state, call.deployment.clock.now()).job(build) !== 'running') {
    throw badRequest('Job has already completed!');
  }
  call.state.put('workspaceBuild', build.id, { ...build, canceled_at: call.deployment.now() });
  return json(200, { message: 'Job has been marked as canceled...' });
}
