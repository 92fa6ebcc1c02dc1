import { All, Controller, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ScimError } from '../protocol/index.js';
import { contextOf } from './request/context.js';
import { ScimErrorFilter } from './reply/error-filter.js';
import { scimPaths } from './routes.js';

/** Endpoints of the RFC that are not served: 501, as RFC 7644 section 3.11 has it. */
@Controller(scimPaths(''))
@UseFilters(ScimErrorFilter)
export class UnservedController {
  @All('Me')
  me(@Req() request: FastifyRequest): never {
    throw notImplemented(request);
  }
}

function notImplemented(request: FastifyRequest): ScimError {
  contextOf(request);
  return new ScimError('notImplemented', 'this endpoint is not served; ServiceProviderConfig tells what is');
}
