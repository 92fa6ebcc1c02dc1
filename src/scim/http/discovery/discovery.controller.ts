import { Controller, Get, Inject, Param, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { contextOf } from '../request/context.js';
import { ScimErrorFilter } from '../reply/error-filter.js';
import { send } from '../reply/reply.js';
import { scimPaths } from '../routes.js';
import { DiscoveryService } from './discovery.service.js';

@Controller(scimPaths(''))
@UseFilters(ScimErrorFilter)
export class DiscoveryController {
  constructor(@Inject(DiscoveryService) private readonly discovery: DiscoveryService) {}

  @Get('ServiceProviderConfig')
  serviceProviderConfig(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, this.discovery.serviceProviderConfig(contextOf(request), request.url));
  }

  @Get('ResourceTypes')
  resourceTypes(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, this.discovery.resourceTypes(contextOf(request), request.url));
  }

  @Get('ResourceTypes/:id')
  resourceType(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): void {
    send(reply, this.discovery.resourceTypes(contextOf(request), request.url, id));
  }

  @Get('Schemas')
  schemas(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, this.discovery.schemasOf(contextOf(request), request.url));
  }

  @Get('Schemas/:urn')
  schema(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('urn') urn: string): void {
    send(reply, this.discovery.schemasOf(contextOf(request), request.url, urn));
  }
}
