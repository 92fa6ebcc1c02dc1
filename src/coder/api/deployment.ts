import type { CallOptions } from '../call-options.js';
import {
  anyObject,
  flag,
  key,
  listOf,
  mapOf,
  number,
  optional,
  record,
  text,
  WrongShape,
} from '../decode.js';
import type { Answer } from '../http/exchange.js';
import { atRoot, get } from '../http/route.js';
import { readBuildInfo } from '../shapes.js';
import type { Transport } from '../http/transport.js';

/** One Coder server of several (`GET /replicas`). `database_latency` is in microseconds; `error` is empty when all is well. */
export const readReplica = record('a replica', {
  id: key,
  hostname: optional(text),
  created_at: optional(text),
  relay_address: optional(text),
  region_id: optional(number),
  database_latency: optional(number),
  error: optional(text),
});

/** What the flags of Coder's OIDC login say, as far as it concerns those who manage users. Secrets are not read. */
const readOidcConfig = record('the OIDC settings', {
  issuer_url: optional(text),
  client_id: optional(text),
  groups_field: optional(text),
  group_allow_list: optional(listOf(text)),
  organization_field: optional(text),
  /** Set: Coder's own login decides the site roles, and refuses to have them edited. */
  user_role_field: optional(text),
  user_role_mapping: optional(mapOf(listOf(text))),
  user_roles_default: optional(listOf(text)),
});

const readDeploymentConfig = record('the deployment config', {
  config: record('the deployment config', { oidc: optional(readOidcConfig), options: optional(anyObject) }),
});

const readAuthMethod = record('a login method', { enabled: optional(flag) });

/** `GET /users/authmethods`: what people may log in with. */
const readAuthMethods = record('the login methods', {
  password: optional(readAuthMethod),
  github: optional(readAuthMethod),
  oidc: optional(readAuthMethod),
});

export type CoderReplica = ReturnType<typeof readReplica>;
export type CoderDeploymentConfig = ReturnType<typeof readDeploymentConfig>;
export type CoderAuthMethods = ReturnType<typeof readAuthMethods>;

/** Coder's "General" section, and its replicas. */
export function deployment(transport: Transport) {
  return {
    /** `GET /healthz` at the root: 200 and the plain text `OK`. No token needed. */
    healthz: (options?: CallOptions): Promise<void> =>
      transport.call({ route: atRoot(get('/healthz')), read: readOk, options }),

    /** `GET /buildinfo`: 200. No token needed. `version` is like `v2.26.0` or `v2.26.0-devel+abc123`. */
    buildInfo: (options?: CallOptions) =>
      transport.call({ route: get('/buildinfo'), read: readBuildInfo, options }),

    /** `GET /users/authmethods`: 200. No token needed. Coder creates users of login type `oidc` only where OIDC is enabled. */
    authMethods: (options?: CallOptions) =>
      transport.call({ route: get('/users/authmethods'), read: readAuthMethods, options }),

    /** `GET /deployment/config`: 200 `{config, options}`; 403 without the site role owner (or auditor in newer versions). */
    deploymentConfig: (options?: CallOptions) =>
      transport.call({ route: get('/deployment/config'), read: readDeploymentConfig, options }),

    /** `GET /replicas`: 200; 403 without the right or (feature `high_availability`) the licence, which versions up to 2.9 tell as 404. */
    listReplicas: (options?: CallOptions) =>
      transport.call({ route: get('/replicas'), read: listOf(readReplica), options }),
  };
}

function readOk(_body: unknown, { body }: Answer): void {
  if (body.toString('utf8').trim() !== 'OK') throw new WrongShape('OK');
}
