import type { FastifyReply } from 'fastify';
import type { JsonObject } from '../../common/index.js';
import type { ScimError } from '../protocol/index.js';

/** RFC 7644 section 3.1. Everything goes out as this. */
export const SCIM_TYPE = 'application/scim+json;charset=utf-8';

/** An answer before it is sent. */
export interface ScimReply {
  readonly status: number;
  /** JSON text goes out as it is. */
  readonly body?: JsonObject | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an answer. */
export function send(reply: FastifyReply, { status, body, headers = {} }: ScimReply): void {
  void reply.code(status).headers(headers);
  if (body === undefined) void reply.send();
  else
    void reply.header('content-type', SCIM_TYPE).send(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Sends a refusal. */
export function sendError(reply: FastifyReply, error: ScimError): void {
  send(reply, { status: error.status, body: error.body(), headers: error.headers });
}
