import { Controller, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyOf, contextOf } from '../request/context.js';
import { ScimErrorFilter } from '../reply/error-filter.js';
import { readMixedSearch } from '../lists/list-query.js';
import { send } from '../reply/reply.js';
import { scimPaths } from '../routes.js';
import { SearchService } from './search.service.js';

@Controller(scimPaths(''))
@UseFilters(ScimErrorFilter)
export class SearchController {
  constructor(@Inject(SearchService) private readonly service: SearchService) {}

  @Post('.search')
  async search(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.service.search(contextOf(request), readMixedSearch(bodyOf(request))));
  }
}
