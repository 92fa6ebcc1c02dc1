import type { FastifyRequest } from 'fastify';
import type { Log } from '../../telemetry/index.js';
import { reasonsOf, Refusal } from '../refusal.js';
import { connectionOf } from './paths.js';

/** Characters of a connection's name. */
const LONGEST_NAME = 63;

/**
 * What is answered, after the log was told: of what is unexpected everything, of a refusal why. Of those that are slowed down
 * there would be too many lines.
 *
 * @param known the refusal that the error is, or undefined
 */
export function shownRefusal(
  known: Refusal | undefined,
  error: unknown,
  request: FastifyRequest,
  log: Log,
): Refusal {
  const about = {
    route: request.routeOptions.url,
    connection: connectionOf(request)?.slice(0, LONGEST_NAME),
  };
  if (known === undefined) {
    log.error({ err: error, ...about }, 'a request could not be carried out');
    return new Refusal('temporarily_unavailable', 'the request could not be carried out; try again', 5);
  }
  if (known.cause !== undefined) log.warn({ ...about, reasons: reasonsOf(known.cause) }, known.description);
  else if (known.code !== 'slow_down') log.info({ ...about, code: known.code }, known.description);
  return known;
}
