import type { FastifyRequest } from 'fastify';
import type { PushContext } from '../../../directory/index.js';
import type { ServedConnection } from '../../../connections/index.js';
import type { JsonObject } from '../../../common/index.js';
import { dialectsFor } from '../../dialects/index.js';
import { requireObject, ScimError, type Tolerance } from '../../protocol/index.js';

/** What is known of a request once its token was found good. */
export interface ScimContext extends PushContext {
  readonly tokenLabel: string;
  /** URL of the SCIM root that the request was sent to, without a slash at its end. */
  readonly base: string;
  /** The deviations that the connection accepts. */
  readonly tolerance: Tolerance;
}

/** A body that could not be read. The refusal waits in its place until somebody asks for the body. */
export class UnreadableBody {
  constructor(readonly error: ScimError) {}
}

/** Requests of SCIM; null until the token was found good. */
const contexts = new WeakMap<FastifyRequest, ScimContext | null>();

/** Marks a request as SCIM's. */
export function beginScim(request: FastifyRequest): void {
  contexts.set(request, null);
}

/** Whether a request is SCIM's, with or without a good token. */
export function isScim(request: FastifyRequest): boolean {
  return contexts.has(request);
}

/** What was found out of a request at the door. */
export interface Admission {
  readonly connection: ServedConnection;
  /** The label of the token. */
  readonly label: string;
  readonly requestId: string;
  readonly base: string;
}

/** Lets a request in. */
export function admit(request: FastifyRequest, { connection, label, requestId, base }: Admission): void {
  contexts.set(request, {
    connectionId: connection.id,
    source: 'scim',
    requestId,
    tokenLabel: label,
    base,
    tolerance: toleranceOf(connection),
  });
}

const tolerances = new WeakMap<ServedConnection, Tolerance>();

/** The same for all requests of a connection. */
function toleranceOf(connection: ServedConnection): Tolerance {
  const known = tolerances.get(connection);
  if (known) return known;
  const wanted = Object.entries(connection.config.dialects).filter(([, on]) => on);
  const tolerance = dialectsFor(wanted.map(([name]) => name));
  tolerances.set(connection, tolerance);
  return tolerance;
}

/** The context of a request if it was let in. */
export function admittedContext(request: FastifyRequest): ScimContext | undefined {
  return contexts.get(request) ?? undefined;
}

/** The context of a request. @throws ScimError 401 for one that was not let in, whatever way it came */
export function contextOf(request: FastifyRequest): ScimContext {
  const context = admittedContext(request);
  if (context === undefined) throw unauthorized();
  return context;
}

/** The body. @throws ScimError 400 invalidSyntax: none, no JSON, no object, too deep */
export function bodyOf(request: FastifyRequest): JsonObject {
  if (request.body instanceof UnreadableBody) throw request.body.error;
  return requireObject(request.body);
}

/** 401 with the challenge of RFC 6750 section 3. */
export function unauthorized(): ScimError {
  return new ScimError('unauthorized', 'a valid bearer token of the connection is required', {
    'www-authenticate': 'Bearer',
  });
}
