import type { CallOptions } from '../call-options.js';
import { key, listOf, number, optional, readNothing, record, text } from '../decode.js';
import { get, patch, post, put } from '../http/route.js';
import type { Transport } from '../http/transport.js';

const readBuild = record('a build', {
  id: key,
  workspace_id: optional(text),
  created_at: optional(text),
  build_number: optional(number),
  /** `start`, `stop` or `delete` */
  transition: text,
  /**
   * `pending`, `starting`, `running`, `stopping`, `stopped`, `failed`, `canceling`, `canceled`, `deleting` or `deleted`: a
   * workspace runs while it is neither stopped nor deleted.
   */
  status: optional(text),
  job: optional(record('a job', { id: optional(text), status: optional(text), error: optional(text) })),
});

const readWorkspace = record('a workspace', {
  id: key,
  name: key,
  owner_id: key,
  owner_name: optional(text),
  organization_id: optional(text),
  template_id: optional(text),
  autostart_schedule: optional(text),
  last_used_at: optional(text),
  /** Since 2023; set while it is dormant. */
  dormant_at: optional(text),
  latest_build: readBuild,
});

const readWorkspaces = record('a page of workspaces', { workspaces: listOf(readWorkspace), count: number });

export type CoderWorkspace = ReturnType<typeof readWorkspace>;
export type CoderWorkspaceBuild = ReturnType<typeof readBuild>;

/** Coder's "Workspaces" and "Builds" sections, as far as a leaving person's machines go. */
export function workspaces(transport: Transport) {
  return {
    /** `GET /workspaces`: 200 `{workspaces, count}`; `q` is like `owner:ann status:running`; 400 for one that cannot be read. */
    listWorkspaces: (query: { q?: string; limit?: number; offset?: number }, options?: CallOptions) =>
      transport.call({
        route: get('/workspaces'),
        query: { ...query },
        bulk: true,
        read: readWorkspaces,
        options,
      }),

    /** `GET /workspaces/{workspace}`: 200; 404; 410 for a deleted one. */
    getWorkspace: (workspace: string, options?: CallOptions) =>
      transport.call({
        route: get('/workspaces/{workspace}'),
        values: { workspace },
        read: readWorkspace,
        options,
      }),

    /** `POST /workspaces/{workspace}/builds`: 201, the build is queued; 409 while another one runs. */
    createWorkspaceBuild: (
      workspace: string,
      request: { transition: 'start' | 'stop' | 'delete' },
      options?: CallOptions,
    ) =>
      transport.call({
        route: post('/workspaces/{workspace}/builds'),
        values: { workspace },
        body: request,
        read: readBuild,
        options,
      }),

    /** `GET /workspacebuilds/{workspacebuild}`: 200; 404. How a build went is in its `job`. */
    getWorkspaceBuild: (workspacebuild: string, options?: CallOptions) =>
      transport.call({
        route: get('/workspacebuilds/{workspacebuild}'),
        values: { workspacebuild },
        read: readBuild,
        options,
      }),

    /** `PATCH /workspacebuilds/{workspacebuild}/cancel`: 200 `{message}`; 400 for one that has ended. */
    cancelWorkspaceBuild: (workspacebuild: string, options?: CallOptions) =>
      transport.call({
        route: patch('/workspacebuilds/{workspacebuild}/cancel'),
        values: { workspacebuild },
        read: readNothing,
        options,
      }),

    /** `PUT /workspaces/{workspace}/autostart`: 204; null: never by itself. */
    updateAutostart: (workspace: string, request: { schedule: string | null }, options?: CallOptions) =>
      transport.call({
        route: put('/workspaces/{workspace}/autostart'),
        values: { workspace },
        body: request,
        read: readNothing,
        options,
      }),
  };
}
