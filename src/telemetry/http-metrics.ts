import type { FastifyInstance } from 'fastify';
import { statusClass, type Metrics, type ScimMethod, type ScimResource } from './metrics.js';

const METHODS: readonly ScimMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const RESOURCES: readonly ScimResource[] = [
  'Users',
  'Groups',
  'Schemas',
  'ResourceTypes',
  'ServiceProviderConfig',
];
const SCIM_PATH = /^(?:\/connections\/[^/]{1,256})?\/scim\/v2(?:\/([^/?]{1,64}))?/;

/** Counts and measures every answer under /scim/v2 and /connections/{name}/scim/v2, whoever gave it (refusals before the handler too). */
export function registerHttpMetrics(fastify: Pick<FastifyInstance, 'addHook'>, metrics: Metrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const path = SCIM_PATH.exec(request.url);
    if (path !== null) {
      const method = METHODS.find((known) => known === request.method) ?? 'other';
      const resource = RESOURCES.find((known) => known === path[1]) ?? 'other';
      metrics.scimRequests.inc({ method, resource, status: statusClass(reply.statusCode) });
      metrics.scimSeconds.observe({ method, resource }, reply.elapsedTime / 1000);
    }
    done();
  });
}
