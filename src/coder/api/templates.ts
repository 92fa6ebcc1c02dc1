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
import { get, patch } from '../http/route.js';
import { readGroup, readReducedUser, readUser } from '../shapes.js';
import type { Transport } from '../http/transport.js';
import type { CoderGroup, CoderReducedUser, CoderUser } from '../types.js';

const readTemplate = record('a template', {
  id: key,
  name: key,
  organization_id: optional(text),
  organization_name: optional(text),
  display_name: optional(text),
  deprecated: optional(flag),
});

export type CoderTemplate = ReturnType<typeof readTemplate>;

/** What somebody may do with a template. Newer versions may know more. */
export type CoderTemplateRole = 'use' | 'admin' | (string & {});

export interface CoderTemplateAcl {
  users: (CoderUser & { role: CoderTemplateRole })[];
  /** Coder's key is singular. */
  group: (CoderGroup & { role: CoderTemplateRole })[];
}

/** Ids to roles; the empty text takes the grant away. Those not named keep theirs. */
export interface UpdateTemplateAclRequest {
  user_perms?: Record<string, CoderTemplateRole | ''>;
  group_perms?: Record<string, CoderTemplateRole | ''>;
}

const readRole: Read<CoderTemplateRole> = (value) => key(object(value, 'a grant')['role']);

/** An object; the reference shows an array of users. */
const readAcl: Read<CoderTemplateAcl> = (value) => {
  const row = object(value, 'the access to a template');
  return {
    users: list(row['users'] ?? [], 'the access to a template').map((user) => ({
      ...readUser(user),
      role: readRole(user),
    })),
    group: list(row['group'] ?? [], 'the access to a template').map((group) => ({
      ...readGroup(group),
      role: readRole(group),
    })),
  };
};

/** An object; the reference shows it inside an array. */
const readAvailable: Read<{ users: CoderReducedUser[]; groups: CoderGroup[] }> = (value) => {
  const row = object(Array.isArray(value) ? (value as unknown[])[0] : value, 'users and groups');
  return {
    users: list(row['users'] ?? [], 'users').map(readReducedUser),
    groups: list(row['groups'] ?? [], 'groups').map(readGroup),
  };
};

const ACL = '/templates/{template}/acl';

/** Coder's "Templates" section as far as access goes (feature `template_rbac`: 403 without it). `{template}` is a uuid. */
export function templates(transport: Transport) {
  return {
    /** `GET /organizations/{organization}/templates`: 200. */
    listTemplates: (organization: string, options?: CallOptions) =>
      transport.call({
        route: get('/organizations/{organization}/templates'),
        values: { organization },
        read: listOf(readTemplate),
        options,
      }),

    /** `GET /organizations/{organization}/templates/{templatename}`: 200; 404. */
    getTemplateByName: (organization: string, name: string, options?: CallOptions) =>
      transport.call({
        route: get('/organizations/{organization}/templates/{templatename}'),
        values: { organization, templatename: name },
        read: readTemplate,
        options,
      }),

    /** `GET /templates/{template}`: 200; 404; 400 for what is no uuid. */
    getTemplate: (template: string, options?: CallOptions) =>
      transport.call({
        route: get('/templates/{template}'),
        values: { template },
        read: readTemplate,
        options,
      }),

    /** `GET /templates/{template}/acl`: 200 `{users, group}`; deleted groups are hidden. 500 without the right. */
    getTemplateAcl: (template: string, options?: CallOptions) =>
      transport.call({ route: get(ACL), values: { template }, bulk: true, read: readAcl, options }),

    /** `PATCH /templates/{template}/acl`: 200 `{message}`. Merges. 400 for an unknown role or id; taking from unknown ids is fine. */
    updateTemplateAcl: (template: string, request: UpdateTemplateAclRequest, options?: CallOptions) =>
      transport.call({ route: patch(ACL), values: { template }, body: request, read: readNothing, options }),

    /** `GET /templates/{template}/acl/available`: 200, who may be given access; the page is one of users. 404 without the right. */
    listAvailableForTemplate: (
      template: string,
      query: { q?: string; limit?: number; offset?: number } = {},
      options?: CallOptions,
    ) =>
      transport.call({
        route: get(`${ACL}/available`),
        values: { template },
        query: { ...query },
        bulk: true,
        read: readAvailable,
        options,
      }),
  };
}
