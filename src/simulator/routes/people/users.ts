import { readPage } from '../../rules/query.js';
import { isRealName, isUsername } from '../../rules/names.js';
import { userSearch } from '../../rules/user-search.js';
import { fullUser } from '../../render.js';
import {
  type Answer,
  ApiFailure,
  badRequest,
  forbidden,
  internal,
  json,
  rendered,
} from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import { userParam } from '../lookup.js';

const USER = '/api/v2/users/{user}';

export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/users', handle: listUsers },
  { method: 'GET', path: USER, handle: (call) => rendered(200, fullUser(call.state, userParam(call))) },
  { method: 'DELETE', path: USER, handle: deleteUser },
  { method: 'PUT', path: `${USER}/profile`, handle: updateProfile },
  { method: 'PUT', path: `${USER}/status/suspend`, handle: suspend },
  { method: 'PUT', path: `${USER}/status/activate`, handle: activate },
  { method: 'GET', path: `${USER}/organizations`, handle: organizationsOf },
];

/**
 * Users by lower(username). `count` is a window function over what the filter and `after_id` leave, so it counts what
 * lies behind the cursor, and a page without rows says 0.
 */
function listUsers(call: Call): Answer {
  const { state, caller, query } = call;
  const search = userSearch(query.get('q') ?? '');
  const page = readPage(query);
  const entries = state.sorted.entries;
  let start = 0;
  if (page.afterId) {
    const cursor = state.users.get(page.afterId);
    start = cursor ? state.sorted.after(cursor.username.toLowerCase(), true) : entries.length;
  }
  const all = caller.readsUsers();
  const rest = start === 0 ? entries : entries.slice(start);
  const found =
    query.get('q') || !all
      ? rest.filter((entry) => search(entry) && (all || entry.user.id === caller.id))
      : rest;
  const end = page.limit === 0 ? undefined : page.offset + page.limit;
  const shown = found.slice(page.offset, end).map((entry) => fullUser(state, entry.user));
  const count = shown.length === 0 ? 0 : found.length;
  return rendered(200, `{"users":[${shown.join(',')}],"count":${count}}`);
}

/** By uuid it answers 200 again for a deleted user. */
function deleteUser(call: Call): Answer {
  const user = userParam(call);
  if (!call.caller.managesUsers()) throw forbidden();
  if (user.id === call.caller.id) throw new ApiFailure(403, 'You cannot delete yourself!');
  if (call.deployment.ownedWorkspaces(user.id) > 0) {
    throw new ApiFailure(
      417,
      'You cannot delete a user that has workspaces. Delete their workspaces and try again!',
    );
  }
  call.deployment.deleteUser(user, call.caller.id);
  return json(200, { message: 'User has been deleted!' });
}

/** An omitted name clears it; the email cannot be changed. */
function updateProfile(call: Call): Answer {
  const user = userParam(call);
  const body = call.body();
  const username = body.string('username') ?? '';
  const name = body.string('name') ?? '';
  body.rule(username ? 'username' : 'required', 'username', username, isUsername(username));
  body.rule('user_real_name', 'name', name, isRealName(name));
  body.check();
  const other = call.state.userByUsername(username);
  if (other && other.id !== user.id) {
    const taken = { field: 'username', detail: 'this value is already in use and should be unique' };
    throw new ApiFailure(409, 'A user with this username already exists.', '', [taken]);
  }
  if (user.id !== call.caller.id && !call.caller.managesUsers())
    throw internal('unauthorized: rbac: forbidden');
  const updated = call.deployment.updateUser(user, { username, name }, call.caller.id);
  return rendered(200, fullUser(call.state, updated));
}

function suspend(call: Call): Answer {
  const user = userParam(call);
  if (user.id === call.caller.id) throw badRequest('You cannot suspend yourself.');
  if (user.roles.includes('owner')) {
    throw badRequest('You cannot suspend a user with the "owner" role. You must remove the role first.');
  }
  if (!call.caller.managesUsers()) throw internal('unauthorized: rbac: forbidden');
  return rendered(200, fullUser(call.state, call.deployment.setStatus(user, 'suspended', call.caller.id)));
}

/** Becomes active even from dormant, which takes a licence seat. */
function activate(call: Call): Answer {
  const user = userParam(call);
  if (!call.caller.managesUsers()) throw internal('unauthorized: rbac: forbidden');
  return rendered(200, fullUser(call.state, call.deployment.setStatus(user, 'active', call.caller.id)));
}

function organizationsOf(call: Call): Answer {
  const user = userParam(call);
  const ids = [...(call.state.organizationsOf.get(user.id) ?? [])];
  const rows = ids.map((id) => call.state.organizations.get(id)).filter((row) => row !== undefined);
  return json(
    200,
    rows.filter((row) => call.caller.readsOrganization(row.id)),
  );
}
