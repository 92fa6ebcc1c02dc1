import type { CallOptions } from '../call-options.js';
import {
  flag,
  key,
  list,
  listOf,
  object,
  optional,
  readNothing,
  record,
  text,
  type Read,
} from '../decode.js';
import { del, get, patch, post } from '../http/route.js';
import type { Transport } from '../http/transport.js';

const readProxy = record('a workspace proxy', {
  id: key,
  name: key,
  display_name: optional(text),
  icon_url: optional(text),
  /** Whether the dashboard may offer it; the primary is always among them. */
  healthy: optional(flag),
  path_app_url: optional(text),
  wildcard_hostname: optional(text),
  derp_enabled: optional(flag),
  derp_only: optional(flag),
  deleted: optional(flag),
  /** Since 2024. */
  version: optional(text),
  status: optional(
    record('the status of a proxy', {
      /** `ok`, `unreachable`, `unhealthy` or `unregistered` */
      status: optional(text),
      checked_at: optional(text),
      report: optional(
        record('a report', { errors: optional(listOf(text)), warnings: optional(listOf(text)) }),
      ),
    }),
  ),
});

export type CoderWorkspaceProxy = ReturnType<typeof readProxy>;

/** An object `{regions}`, which the reference shows inside an array. */
const readProxies: Read<CoderWorkspaceProxy[]> = (value) => {
  const [holder] = Array.isArray(value) ? list(value, 'the proxies') : [value];
  return listOf(readProxy)(object(holder, 'the proxies')['regions']);
};

/** `{proxy, proxy_token}`; the reference shows the bare proxy. The token is shown once, and empty where none was made. */
const readProxyWithToken: Read<{ proxy: CoderWorkspaceProxy; proxy_token?: string }> = (value) => {
  const row = object(value, 'a workspace proxy');
  if (!('proxy' in row)) return { proxy: readProxy(row) };
  return record('a workspace proxy with its token', { proxy: readProxy, proxy_token: optional(text) })(row);
};

/** Workspace proxies ("Enterprise", feature `workspace_proxy`). `{workspaceproxy}` is an id or a name. */
export function proxies(transport: Transport) {
  return {
    /** `GET /workspaceproxies`: 200, with the primary first. */
    listWorkspaceProxies: (options?: CallOptions) =>
      transport.call({ route: get('/workspaceproxies'), read: readProxies, options }),

    /** `POST /workspaceproxies`: 201 with the token, shown once; 409 name taken. */
    createWorkspaceProxy: (
      request: { name: string; display_name?: string; icon?: string },
      options?: CallOptions,
    ) =>
      transport.call({ route: post('/workspaceproxies'), body: request, read: readProxyWithToken, options }),

    /** `GET /workspaceproxies/{workspaceproxy}`: 200; 404. */
    getWorkspaceProxy: (workspaceproxy: string, options?: CallOptions) =>
      transport.call({
        route: get('/workspaceproxies/{workspaceproxy}'),
        values: { workspaceproxy },
        read: readProxy,
        options,
      }),

    /** `DELETE /workspaceproxies/{workspaceproxy}`: 200 `{message}`; 404; 400 for the primary. */
    deleteWorkspaceProxy: (workspaceproxy: string, options?: CallOptions) =>
      transport.call({
        route: del('/workspaceproxies/{workspaceproxy}'),
        values: { workspaceproxy },
        read: readNothing,
        options,
      }),

    /** `PATCH /workspaceproxies/{workspaceproxy}`: 200; with `regenerate_token` a new token, shown once. */
    updateWorkspaceProxy: (
      workspaceproxy: string,
      request: { id: string; name: string; display_name: string; icon: string; regenerate_token?: boolean },
      options?: CallOptions,
    ) =>
      transport.call({
        route: patch('/workspaceproxies/{workspaceproxy}'),
        values: { workspaceproxy },
        body: request,
        read: readProxyWithToken,
        options,
      }),
  };
}
