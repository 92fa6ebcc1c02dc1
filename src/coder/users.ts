import type { CallOptions, CoderClient } from './client.js';
import { GoneError, RejectedError } from './errors.js';
import type { Method, Route } from './route.js';
import { readNothing, readUser, readUsersPage } from './shapes.js';
import type { Transport } from './transport.js';
import type { CoderUser } from './types.js';

type Users =
  | 'listUsers'
  | 'getUser'
  | 'createUser'
  | 'updateUserProfile'
  | 'suspendUser'
  | 'activateUser'
  | 'deleteUser';

/** Coder's "Users" section. */
export function users(transport: Transport): Pick<CoderClient, Users> {
  return {
    listUsers: (query, options = {}) =>
      transport.call({
        route: route('GET', '/users'),
        query: { ...query },
        bulk: true,
        read: readUsersPage,
        options,
      }),
    getUser: (user, options = {}) => getUser(transport, user, options),
    createUser: (request, options = {}) =>
      transport.call({ route: route('POST', '/users'), body: request, read: readUser, options }),
    // The name is always sent: Coder clears a name that is left out.
    updateUserProfile: (user, request, options = {}) =>
      transport.call({
        route: route('PUT', '/users/{user}/profile'),
        values: { user },
        body: { username: request.username, name: request.name },
        read: readUser,
        options,
      }),
    suspendUser: (user, options = {}) =>
      transport.call({
        route: route('PUT', '/users/{user}/status/suspend'),
        values: { user },
        read: readUser,
        options,
      }),
    activateUser: (user, options = {}) =>
      transport.call({
        route: route('PUT', '/users/{user}/status/activate'),
        values: { user },
        read: readUser,
        options,
      }),
    deleteUser: (user, options = {}) =>
      transport.call({
        route: route('DELETE', '/users/{user}'),
        values: { user },
        read: readNothing,
        options,
      }),
  };
}

/** Coder answers a user that does not resolve with 400, not 404; nothing else makes this operation answer 400. */
async function getUser(transport: Transport, user: string, options: CallOptions): Promise<CoderUser> {
  try {
    return await transport.call({
      route: route('GET', '/users/{user}'),
      values: { user },
      read: readUser,
      options,
    });
  } catch (error) {
    if (error instanceof RejectedError && error.status === 400 && SAYS_UNRESOLVED.test(error.message)) {
      throw new GoneError(error.operation, 'no such user', error.status, { cause: error });
    }
    throw error;
  }
}

/** `"user" must be an existing uuid or username.` A 400 of something in between does not say so. */
const SAYS_UNRESOLVED = /must be an existing/i;

function route(method: Method, template: string): Route {
  return { method, template };
}
