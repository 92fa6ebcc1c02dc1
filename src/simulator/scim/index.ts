import { type Answer, routeNotFound } from '../server/answers.js';
import type { OpenCall, Route } from '../server/route.js';
import { checkEnabled, isAuthorized, isNew, scimError } from './access.js';
import { resourceTypes, schemas, serviceProviderConfig } from './discovery.js';
import * as legacy from './legacy.js';
import * as scim2 from './scim2.js';

type Handler = (call: OpenCall) => Answer;

/** Coder's own SCIM server, at the root; behind the secret, and not behind the limit of requests. */
export const scimRoutes: readonly Route[] = [
  route('GET', 'ServiceProviderConfig', config),
  route('GET', 'Schemas', guarded(schemas, schemas)),
  route('GET', 'ResourceTypes', guarded(resourceTypes, resourceTypes)),
  route('GET', 'Users', guarded(legacy.list, scim2.list)),
  route('POST', 'Users', guarded(legacy.post, scim2.post)),
  route('GET', 'Users/{id}', guarded(legacy.get, scim2.get)),
  route('PATCH', 'Users/{id}', guarded(legacy.patch, scim2.patch)),
  route('PUT', 'Users/{id}', guarded(legacy.put, scim2.put)),
  route('DELETE', 'Users/{id}', guarded(missing, scim2.remove)),
  route(
    'GET',
    'Me',
    guarded(missing, (call) => scimError(call, 501, '', 'Not implemented.')),
  ),
];

function route(method: Route['method'], path: string, handle: Handler): Route {
  return { method, path: `/scim/v2/${path}`, open: true, handle };
}

function guarded(first: Handler, second: Handler): Handler {
  return (call) => {
    checkEnabled(call);
    if (!isAuthorized(call)) return scimError(call, 401, 'invalidAuthorization', 'invalid authorization');
    return (isNew(call) ? second : first)(call);
  };
}

/** The first server shows what it can do to anybody. */
function config(call: OpenCall): Answer {
  if (isNew(call)) return guarded(serviceProviderConfig, serviceProviderConfig)(call);
  checkEnabled(call);
  return legacy.serviceProviderConfig();
}

function missing(): never {
  throw routeNotFound();
}
