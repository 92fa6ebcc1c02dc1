import { json } from '../../server/answers.js';
import type { Route } from '../../server/route.js';
import { organizationParam } from '../lookup.js';

export const organizationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/organizations',
    handle: ({ state, caller }) =>
      json(
        200,
        [...state.organizations.values()].filter((row) => caller.readsOrganization(row.id)),
      ),
  },
  {
    method: 'GET',
    path: '/api/v2/organizations/{organization}',
    handle: (call) => json(200, organizationParam(call)),
  },
];
