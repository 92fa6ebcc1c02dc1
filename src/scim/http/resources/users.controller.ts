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
import { userType } from '../../protocol/index.js';
import { conditionsOf, unlessKnown } from '../reply/conditional.js';
import { bodyOf, contextOf } from '../request/context.js';
import { ScimErrorFilter } from '../reply/error-filter.js';
import { readListQuery, readSearch, readView } from '../lists/list-query.js';
import { send } from '../reply/reply.js';
import { scimPaths } from '../routes.js';
import { UsersService } from './users.service.js';

const view = (request: FastifyRequest) => readView(userType, request.url);

@Controller(scimPaths('/Users'))
@UseFilters(ScimErrorFilter)
export class UsersController {
  constructor(@Inject(UsersService) private readonly users: UsersService) {}

  @Post()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.users.create(contextOf(request), bodyOf(request), view(request)));
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.users.list(contextOf(request), readListQuery(userType, request.url)));
  }

  @Post('.search')
  async search(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.users.list(contextOf(request), readSearch(userType, bodyOf(request))));
  }

  @Get(':id')
  async get(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const answer = await this.users.get(contextOf(request), id, view(request));
    send(reply, unlessKnown(conditionsOf(request), answer));
  }

  @Put(':id')
  async replace(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const answer = await this.users.replace(
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
    const answer = await this.users.patch(
      contextOf(request),
      id,
      bodyOf(request),
      view(request),
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
    send(reply, await this.users.remove(contextOf(request), id, conditionsOf(request)));
  }
}
