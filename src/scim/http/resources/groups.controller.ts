import {
  Controller,
  Delete,
  Get,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Req,
  Res,
  UseFilters,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { groupType } from '../../protocol/index.js';
import { conditionsOf, unlessKnown } from '../reply/conditional.js';
import { bodyOf, contextOf } from '../request/context.js';
import { ScimErrorFilter } from '../reply/error-filter.js';
import { readListQuery, readSearch, readView, statesAttributes } from '../lists/list-query.js';
import { send } from '../reply/reply.js';
import { scimPaths } from '../routes.js';
import { GroupsService } from './groups.service.js';

const view = (request: FastifyRequest) => readView(groupType, request.url);
const patchView = (request: FastifyRequest) => (statesAttributes(request.url) ? view(request) : undefined);

@Controller(scimPaths('/Groups'))
@UseFilters(ScimErrorFilter)
export class GroupsController {
  constructor(@Inject(GroupsService) private readonly groups: GroupsService) {}

  @Post()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.groups.create(contextOf(request), bodyOf(request), view(request)));
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.groups.list(contextOf(request), readListQuery(groupType, request.url)));
  }

  @Post('.search')
  async search(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.groups.list(contextOf(request), readSearch(groupType, bodyOf(request))));
  }

  @Get(':id')
  async get(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const answer = await this.groups.get(contextOf(request), id, view(request));
    send(reply, unlessKnown(conditionsOf(request), answer));
  }

  @Put(':id')
  async replace(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const answer = await this.groups.replace(
      contextOf(request),
      id,
      bodyOf(request),
      view(request),
      conditionsOf(request),
    );
    send(reply, answer);
  }

  @Patch(':id')
  async patch(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const answer = await this.groups.patch(
      contextOf(request),
      id,
      bodyOf(request),
      patchView(request),
      conditionsOf(request),
    );
    send(reply, answer);
  }

  @Delete(':id')
  async remove(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    send(reply, await this.groups.remove(contextOf(request), id, conditionsOf(request)));
  }
}
