import type { FastifyInstance } from 'fastify';
import type { ClaimsWay, Log, Metrics } from '../../telemetry/index.js';

/** Routes below `/oidc`, of the first connection and of each by its name. */
const ROUTE = /^(?:\/connections\/:connection)?(\/oidc\/.+)$/;
/** By which way claims come to a route. */
const WAYS: ReadonlyMap<string, ClaimsWay> = new Map([
  ['/oidc/claims', 'token'],
  ['/oidc/callback', 'login'],
  ['/oidc/hooks/okta/token', 'hook'],
  ['/oidc/hooks/webhook/:hook', 'hook'],
]);

/**
 * A line for each request below `/oidc`, by its route: the URL may hold codes, and the body holds tokens. Claims that were not
 * taken are counted, whoever refused them.
 */
export function registerRequestLines(
  fastify: Pick<FastifyInstance, 'addHook'>,
  metrics: Pick<Metrics, 'claims'>,
  log: Log,
): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? '';
    const [, path] = ROUTE.exec(route) ?? [];
    if (path !== undefined) {
      const { statusCode: status } = reply;
      const line = { method: request.method, route, status, ms: Math.round(reply.elapsedTime) };
      const way = WAYS.get(path);
      if (status >= 400 && way !== undefined) metrics.claims.inc({ way, outcome: 'refused' });
      if (status >= 500) log.warn(line, 'OIDC request');
      else if (status >= 400) log.info(line, 'OIDC request');
      else log.debug(line, 'OIDC request');
    }
    done();
  });
}
