import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '../../../common/index.js';
import type { ScimError } from '../../protocol/index.js';
import { streamOf } from './json-parts.js';
import type { JsonParts } from './json-parts.js';

/** RFC 7644 section 3.1. Everything goes out as this. */
export const SCIM_TYPE = 'application/scim+json;charset=utf-8';

/** An answer before it is sent. */
export interface ScimReply {
  readonly status: number;
  /** JSON text goes out as it is. */
  readonly body?: JsonObject | JsonParts;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an answer. */
export function send(reply: FastifyReply, { status, body, headers = {} }: ScimReply): void {
  void reply.code(status).headers(headers);
  if (body === undefined) void reply.send();
  else void reply.header('content-type', SCIM_TYPE).send(payloadOf(body));
}

function payloadOf(body: JsonObject | JsonParts): string | Readable {
  if (typeof body === 'string') return body;
  return isParts(body) ? streamOf(body) : JSON.stringify(body);
}

function isParts(body: JsonObject | Iterable<string>): body is Iterable<string> {
  return Symbol.iterator in body;
}

const refusals = new WeakMap<FastifyRequest, ScimError>();

/** Remembers what a request was refused for. */
export function noteRefusal(request: FastifyRequest, error: ScimError): void {
  refusals.set(request, error);
}

/** What a request was refused for, if it was. */
export function refusalSent(request: FastifyRequest): ScimError | undefined {
  return refusals.get(request);
}

/** Sends a refusal. */
export function sendError(reply: FastifyReply, error: ScimError): void {
  noteRefusal(reply.request, error);
  send(reply, { status: error.status, body: error.body(), headers: error.headers });
}
