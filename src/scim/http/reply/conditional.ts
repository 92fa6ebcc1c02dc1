import type { FastifyRequest } from 'fastify';
import { isUnmodified, readConditions, type Conditions } from '../../protocol/index.js';
import type { ScimReply } from './reply.js';

/** The conditions of a request, from its headers. */
export function conditionsOf(request: FastifyRequest): Conditions {
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers;
  return readConditions(match, noneMatch);
}

/** 304 in place of an answer that the client has already (RFC 9110 section 15.4.5). */
export function unlessKnown(conditions: Conditions, answer: ScimReply): ScimReply {
  const etag = answer.headers?.['etag'];
  return etag !== undefined && isUnmodified(conditions, etag) ? { status: 304, headers: { etag } } : answer;
}
