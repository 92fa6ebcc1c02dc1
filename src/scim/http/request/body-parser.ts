import { isUtf8 } from 'node:buffer';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { badRequest, LIMITS, parseJson, ScimError } from '../../protocol/index.js';
import { tooLargeFor } from '../reply/failures.js';
import { isScim, UnreadableBody } from './context.js';

/** Largest JSON body of requests that are not SCIM's, bytes: Fastify's own default. */
const OTHER_BODY_BYTES = 1024 * 1024;

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Registers the parsers of `application/scim+json` and `application/json`, whatever charset they name (JSON is UTF-8: RFC
 * 8259 section 8.1). A body that cannot be read is no error here but an {@link UnreadableBody}, so that the refusal is
 * made where all others are. Requests that are not SCIM's are parsed as Fastify does.
 */
export function registerBodyParsers(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const other = fastify.getDefaultJsonParser('error', 'error');
  const parse = (request: FastifyRequest, body: Buffer, done: Done): void => {
    if (isScim(request)) done(null, parseScim(body, limitOf(request)));
    else if (body.length > OTHER_BODY_BYTES) done(tooLarge());
    else void other(request, body.toString('utf8'), done);
  };
  const options = { bodyLimit: LIMITS.bodyBytes };
  app.useBodyParser('application/scim+json', options, parse);
  app.useBodyParser('application/json', options, parse);
}

/** Bytes that the body of a request may have. */
export function limitOf(request: FastifyRequest): number {
  return request.routeOptions.url?.endsWith('/Bulk') ? LIMITS.bulkBytes : LIMITS.bodyBytes;
}

/** What the body says; undefined for an empty one. */
function parseScim(body: Buffer, limit: number): unknown {
  if (body.length === 0) return undefined;
  try {
    if (body.length > limit) throw tooLargeFor(limit);
    if (!isUtf8(body)) throw badRequest('invalidSyntax', 'the body is not valid UTF-8');
    return parseJson(body.toString('utf8'));
  } catch (error) {
    if (error instanceof ScimError) return new UnreadableBody(error);
    throw error;
  }
}

function tooLarge(): Error {
  return Object.assign(new Error('request body is too large'), {
    statusCode: 413,
    code: 'FST_ERR_CTP_BODY_TOO_LARGE',
  });
}
