import type { State } from '../state/state.js';
import type { Transition, WorkspaceBuildRow, WorkspaceRow } from '../state/tables.js';

export type JobStatus = 'running' | 'succeeded' | 'failed' | 'canceled';
export type WorkspaceStatus =
  'starting' | 'running' | 'stopping' | 'stopped' | 'deleting' | 'deleted' | 'failed' | 'canceled';

const WORKING: Readonly<Record<Transition, WorkspaceStatus>> = {
  start: 'starting',
  stop: 'stopping',
  delete: 'deleting',
};
const DONE: Readonly<Record<Transition, WorkspaceStatus>> = {
  start: 'running',
  stop: 'stopped',
  delete: 'deleted',
};

/** Workspaces as their last builds left them; a build's work is done by the clock alone. */
export interface Builds {
  latest(workspace: WorkspaceRow): WorkspaceBuildRow;
  job(build: WorkspaceBuildRow): JobStatus;
  buildStatus(build: WorkspaceBuildRow): WorkspaceStatus;
  status(workspace: WorkspaceRow): WorkspaceStatus;
}

/** @param now milliseconds since the epoch */
export function builds(state: State, now: number): Builds {
  const job = (build: WorkspaceBuildRow): JobStatus => {
    if (build.canceled_at !== null) return 'canceled';
    if (build.done_at > now) return 'running';
    return build.fails ? 'failed' : 'succeeded';
  };
  const latest = (workspace: WorkspaceRow): WorkspaceBuildRow => {
    const build = state.tables.get('workspaceBuild', workspace.latest_build_id);
    if (!build) throw new Error(`workspace ${workspace.id} of the simulator has no build`);
    return build;
  };
  const buildStatus = (build: WorkspaceBuildRow): WorkspaceStatus => {
    const work = job(build);
    if (work === 'running') return WORKING[build.transition];
    return work === 'succeeded' ? DONE[build.transition] : work;
  };
  return { latest, job, buildStatus, status: (workspace) => buildStatus(latest(workspace)) };
}
