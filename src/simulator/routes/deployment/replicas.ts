import { json, notFound } from '../../server/answers.js';
import type { Route } from '../../server/route.js';

export const replicaRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v2/replicas',
    handle: ({ caller, state }) => {
      if (!caller.readsDeployment()) throw notFound();
      return json(200, state.tables.rows('replica'));
    },
  },
];
