import type { CoderLoginType } from '../../../coder/index.js';
import { isEmail, isRealName, isUsername } from '../../rules/names.js';
import { fullUser } from '../../render.js';
import { type Answer, ApiFailure, badRequest, internal, rendered } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { Switches } from '../../state/switches.js';
import { organizationById } from '../lookup.js';

/** Coder grades passwords by entropy; a length keeps strong ones in and weak ones out. */
const STRONG_PASSWORD = 12;

interface Request {
  readonly email: string;
  readonly username: string;
  readonly name: string;
  readonly password: string;
  readonly loginType: string;
  readonly status: string;
  readonly organizationIds: readonly string[];
}

export const createUserRoute: Route = { method: 'POST', path: '/api/v2/users', handle: createUser };

/** The checks in Coder's order, the first hit answers. */
function createUser(call: Call): Answer {
  const { state, caller, deployment } = call;
  const request = read(call);
  checkPassword(request, state.switches);
  const ids = wantedOrganizations(call, request);
  // One message for both, and no hint which it was.
  if (state.userByEmail(request.email) || state.userByUsername(request.username)) {
    throw new ApiFailure(409, 'User already exists.');
  }
  const organizationIds = ids.map((id) => {
    const found = organizationById(call, id);
    if (found && caller.readsOrganization(found.id)) return found.id;
    throw new ApiFailure(404, `Organization does not exist with the provided id "${id}".`);
  });
  const loginType = checkLoginType(request, state.switches);
  if (!caller.managesUsers()) throw new ApiFailure(403, 'You are not authorized to create users.');
  const status = checkStatus(request.status);
  const { email, username, name } = request;
  const fields = { email, username, name, status, login_type: loginType, organization_ids: organizationIds };
  return rendered(201, fullUser(state, deployment.createUser(fields, caller.id)));
}

function read(call: Call): Request {
  const body = call.body();
  const email = body.string('email') ?? '';
  const username = body.string('username') ?? '';
  const name = body.string('name') ?? '';
  const [legacy] = [body.string('organization_id')].filter((id) => id !== undefined);
  const request = {
    email,
    username,
    name,
    password: body.string('password') ?? '',
    loginType: body.string('login_type') || 'password',
    status: body.string('user_status') || 'dormant',
    organizationIds: [...body.uuids('organization_ids'), ...(legacy ? [legacy.toLowerCase()] : [])],
  };
  body.rule(email ? 'email' : 'required', 'email', email, isEmail(email));
  body.rule(username ? 'username' : 'required', 'username', username, isUsername(username));
  body.rule('user_real_name', 'name', name, isRealName(name));
  body.check();
  return request;
}

function checkPassword(request: Request, switches: Switches): void {
  if (request.loginType !== 'password' && request.password) {
    throw badRequest(`Password cannot be set for non-password ("${request.loginType}") authentication.`);
  }
  if (request.loginType === 'password' && switches.passwordAuthDisabled) {
    throw new ApiFailure(
      403,
      'Password based authentication is disabled! Unable to provision new users with password authentication.',
    );
  }
}

function wantedOrganizations(call: Call, request: Request): readonly string[] {
  if (request.organizationIds.length > 0) return request.organizationIds;
  // Releases before organizations were chosen put everybody into the default one.
  if (call.state.switches.profile === 's-old') return [call.state.defaultOrganization.id];
  const missing = { field: 'organization_ids', detail: 'Missing values, this cannot be empty' };
  throw badRequest(
    'No organization specified to place the user as a member of. It is required to specify at least one organization id to place the user in.',
    "required at least 1 value for the array 'organization_ids'",
    [missing],
  );
}

function checkLoginType(request: Request, switches: Switches): CoderLoginType {
  switch (request.loginType) {
    case 'none':
    case 'github':
      return request.loginType;
    case 'oidc':
      if (!switches.oidcConfigured) throw badRequest('You must configure OIDC before creating OIDC users.');
      return 'oidc';
    case 'password': {
      if (request.password.length >= STRONG_PASSWORD) return 'password';
      const weak = { field: 'password', detail: 'insecure password, try a longer one' };
      throw badRequest('Password not strong enough!', '', [weak]);
    }
    default:
      throw badRequest(`Unsupported login type "${request.loginType}" for manually creating new users.`);
  }
}

/** Not validated by the handler: the database refuses an unknown value. */
function checkStatus(status: string): 'active' | 'dormant' | 'suspended' {
  if (status === 'active' || status === 'dormant' || status === 'suspended') return status;
  throw internal('invalid input value for enum user_status');
}
