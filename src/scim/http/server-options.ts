import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { fromStatus } from './reply/failures.js';
import { sendError } from './reply/reply.js';
import { isScimPath } from './routes.js';

/**
 * What the server itself has to know of SCIM, for `new FastifyAdapter({ ...scimServerOptions })`: URLs that the router
 * cannot read are answered before any hook, and some admins end the base with a slash.
 */
export const scimServerOptions = {
  frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    if (isScimPath(request.url)) sendError(reply, fromStatus(error.statusCode ?? 400));
    else void reply.send(error);
  },
  // A parameter may be a userName, which has up to 512 characters, each of up to 12 when it is escaped.
  routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 6_144 },
};
