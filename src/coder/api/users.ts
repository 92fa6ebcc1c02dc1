import type { CallOptions } from '../call-options.js';
import { key, listOf, mapOf, readNothing, record, text } from '../decode.js';
import { GoneError, RejectedError } from '../errors.js';
import { del, get, post, put } from '../http/route.js';
import { readOrganization, readUser, readUsersPage } from '../shapes.js';
import type { Transport } from '../http/transport.js';
import type { CoderUser, CreateUserRequest } from '../types.js';
import { readAssignableRole } from './roles.js';

/** Names only; the implied `member` roles are never among them. Organizations by id. */
const readUserRoles = record('the roles of a user', {
  roles: listOf(key),
  organization_roles: mapOf(listOf(text)),
});

export type CoderUserRoles = ReturnType<typeof readUserRoles>;

export interface UsersQuery {
  /** Coder's search: terms are ANDed, a bare one is a part of address or username. There is no exact match. */
  q?: string;
  /** 0 or none: all. */
  limit?: number;
  offset?: number;
  /** The id of the last user of the page before. */
  after_id?: string;
}

/** Coder's "Users" section. `{user}` is an id, a username or `me`, and never an address; what does not resolve is 400. */
export function users(transport: Transport) {
  return {
    /** `GET /users`: 200 `{users, count}`, in the order of lower-case usernames; 400 for a search that cannot be read. */
    listUsers: (query: UsersQuery, options?: CallOptions) =>
      transport.call({ route: get('/users'), query: { ...query }, bulk: true, read: readUsersPage, options }),

    /**
     * `GET /users/{user}`: 200. By uuid Coder also answers deleted users: use a username to learn that one exists.
     *
     * @throws GoneError when it does not resolve, which Coder answers with 400
     */
    getUser: (user: string, options?: CallOptions) => getUser(transport, user, options),

    /**
     * `POST /users`: 201. 409 when address or username exists (it does not say which); 404 for an organization that does not;
     * 400 for names outside the rules, and for `oidc` where OIDC is not configured. The licence's limit is not enforced.
     */
    createUser: (request: CreateUserRequest, options?: CallOptions) =>
      transport.call({ route: post('/users'), body: request, read: readUser, options }),

    /** `PUT /users/{user}/profile`: 200; 409 username taken. The name is always sent: Coder clears one that is left out. */
    updateUserProfile: (user: string, request: { username: string; name: string }, options?: CallOptions) =>
      transport.call({
        route: put('/users/{user}/profile'),
        values: { user },
        body: { username: request.username, name: request.name },
        read: readUser,
        options,
      }),

    /** `PUT /users/{user}/status/suspend`: 200, again too (and tells the admins again); 400 for oneself and for owners. */
    suspendUser: (user: string, options?: CallOptions) =>
      transport.call({
        route: put('/users/{user}/status/suspend'),
        values: { user },
        read: readUser,
        options,
      }),

    /** `PUT /users/{user}/status/activate`: 200, `active` even from dormant, which takes a seat. */
    activateUser: (user: string, options?: CallOptions) =>
      transport.call({
        route: put('/users/{user}/status/activate'),
        values: { user },
        read: readUser,
        options,
      }),

    /** `DELETE /users/{user}`: 200 `{message}`; by uuid again too. 417 while the user owns workspaces; 403 for oneself. */
    deleteUser: (user: string, options?: CallOptions) =>
      transport.call({ route: del('/users/{user}'), values: { user }, read: readNothing, options }),

    /** `GET /users/{user}/roles`: 200; 404. */
    getUserRoles: (user: string, options?: CallOptions) =>
      transport.call({ route: get('/users/{user}/roles'), values: { user }, read: readUserRoles, options }),

    /**
     * `PUT /users/{user}/roles`: 200. Replaces all site roles. 400 for oneself, for a role that does not exist, for one that
     * the caller may not grant (or take), and for users of OIDC while Coder's login decides site roles; 403 without the right.
     */
    updateUserRoles: (user: string, request: { roles: string[] }, options?: CallOptions) =>
      transport.call({
        route: put('/users/{user}/roles'),
        values: { user },
        body: request,
        read: readUser,
        options,
      }),

    /** `GET /users/{user}/organizations`: 200. */
    listUserOrganizations: (user: string, options?: CallOptions) =>
      transport.call({
        route: get('/users/{user}/organizations'),
        values: { user },
        read: listOf(readOrganization),
        options,
      }),

    /** `GET /users/roles`: 200, the site roles, each with whether the caller may grant it; 403. */
    listSiteRoles: (options?: CallOptions) =>
      transport.call({ route: get('/users/roles'), read: listOf(readAssignableRole), options }),
  };
}

/** Coder answers a user that does not resolve with 400, not 404; nothing else makes this operation answer 400. */
async function getUser(transport: Transport, user: string, options?: CallOptions): Promise<CoderUser> {
  try {
    return await transport.call({ route: get('/users/{user}'), values: { user }, read: readUser, options });
  } catch (error) {
    if (error instanceof RejectedError && error.status === 400 && SAYS_UNRESOLVED.test(error.message)) {
      throw new GoneError(error.operation, 'no such user', error.status, { cause: error });
    }
    throw error;
  }
}

/** `"user" must be an existing uuid or username.` A 400 of something in between does not say so. */
const SAYS_UNRESOLVED = /must be an existing/i;
