import type { CallOptions } from '../call-options.js';
import { key, listOf, mapOf, optional, readNothing, record, text } from '../decode.js';
import { del, get, post } from '../http/route.js';
import type { Transport } from '../http/transport.js';

/** Versions of 2023 have neither `last_seen_at`, `version` nor `status`. */
const readDaemon = record('a provisioner daemon', {
  id: key,
  name: key,
  organization_id: optional(text),
  created_at: optional(text),
  last_seen_at: optional(text),
  version: optional(text),
  api_version: optional(text),
  key_id: optional(text),
  provisioners: optional(listOf(text)),
  tags: optional(mapOf(text)),
  /** `offline`, `idle` or `busy`; since 2025. */
  status: optional(text),
});

const readProvisionerKey = record('a provisioner key', {
  id: key,
  name: key,
  organization: optional(text),
  created_at: optional(text),
  tags: optional(mapOf(text)),
});

const readKeyDaemons = record('a provisioner key with its daemons', {
  key: readProvisionerKey,
  daemons: listOf(readDaemon),
});

export type CoderProvisionerDaemon = ReturnType<typeof readDaemon>;
export type CoderProvisionerKey = ReturnType<typeof readProvisionerKey>;

/** Provisioner daemons, which build workspaces, and their keys ("Enterprise", feature `external_provisioner_daemons`). */
export function provisioning(transport: Transport) {
  return {
    /** `GET /organizations/{organization}/provisionerdaemons`: 200; 404 without the right; older versions 403 without the licence. */
    listProvisionerDaemons: (organization: string, options?: CallOptions) =>
      transport.call({
        route: get('/organizations/{organization}/provisionerdaemons'),
        values: { organization },
        read: listOf(readDaemon),
        options,
      }),

    /**
     * `GET /organizations/{organization}/provisionerdaemons/serve`: 101, a WebSocket over which a daemon takes jobs; returns its
     * open stream. 403 without the licence. `tag` is like `scope=organization`.
     */
    serveProvisionerDaemon: (
      organization: string,
      query: { id?: string; name?: string; provisioner?: string; tag?: string; version?: string },
      options?: CallOptions,
    ) =>
      transport.open({
        route: get('/organizations/{organization}/provisionerdaemons/serve'),
        values: { organization },
        query: { ...query },
        options,
      }),

    /** `GET /organizations/{organization}/provisionerkeys`: 200, without secrets. Since 2024. */
    listProvisionerKeys: (organization: string, options?: CallOptions) =>
      transport.call({
        route: get('/organizations/{organization}/provisionerkeys'),
        values: { organization },
        read: listOf(readProvisionerKey),
        options,
      }),

    /** `POST /organizations/{organization}/provisionerkeys`: 201 `{key}`, shown once; 400 name taken. Since 2024. */
    createProvisionerKey: (
      organization: string,
      request: { name: string; tags?: Record<string, string> },
      options?: CallOptions,
    ) =>
      transport.call({
        route: post('/organizations/{organization}/provisionerkeys'),
        values: { organization },
        body: request,
        read: record('a provisioner key', { key }),
        options,
      }),

    /** `GET /organizations/{organization}/provisionerkeys/daemons`: 200, daemons by key, each key even without any. Since 2024. */
    listProvisionerKeyDaemons: (organization: string, options?: CallOptions) =>
      transport.call({
        route: get('/organizations/{organization}/provisionerkeys/daemons'),
        values: { organization },
        read: listOf(readKeyDaemons),
        options,
      }),

    /** `DELETE /organizations/{organization}/provisionerkeys/{provisionerkey}`, by name: 204; 404. Since 2024. */
    deleteProvisionerKey: (organization: string, provisionerkey: string, options?: CallOptions) =>
      transport.call({
        route: del('/organizations/{organization}/provisionerkeys/{provisionerkey}'),
        values: { organization, provisionerkey },
        read: readNothing,
        options,
      }),
  };
}
