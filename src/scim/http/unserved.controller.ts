import { All, Controller, Post, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ScimError } from '../protocol/index.js';
import { contextOf } from './context.js';
import { ScimErrorFilter } from './error-filter.js';
import { scimPaths } from './routes.js';

/** Endpoints of the RFC that are not served: 501, as RFC 7644 sections 3.7 and 3.11 have it. */
@Controller(scimPaths(''))
@UseFilters(ScimErrorFilter)
export class UnservedController {
  @All('Me')
  me(@Req() request: FastifyRequest): never {
    throw notImplemented(request);
  }

  @Post('.search')
  searchAll(@Req() request: FastifyRequest): never {
    throw notImplemented(request);
  }
}

function notImplemented(request: FastifyRequest): ScimError {
  contextOf(request);
  return new ScimError('notImplemented', 'this endpoint is not served; ServiceProviderConfig tells what is');
}
