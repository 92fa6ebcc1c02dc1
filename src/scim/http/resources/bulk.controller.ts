import { Controller, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyOf, contextOf } from '../request/context.js';
import { ScimErrorFilter } from '../reply/error-filter.js';
import { send } from '../reply/reply.js';
import { scimPaths } from '../routes.js';
import { BulkService } from './bulk.service.js';

@Controller(scimPaths('/Bulk'))
@UseFilters(ScimErrorFilter)
export class BulkController {
  constructor(@Inject(BulkService) private readonly bulk: BulkService) {}

  @Post()
  async run(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.bulk.run(contextOf(request), bodyOf(request)));
  }
}
