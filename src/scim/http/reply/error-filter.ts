import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOG, type Log } from '../../../telemetry/index.js';
import { contextOf, isScim } from '../request/context.js';
import { fromStatus, internalError, toScimError, withoutValues } from './failures.js';
import { sendError } from './reply.js';

/** Turns whatever a controller throws into SCIM's error message. */
@Catch()
export class ScimErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendError(http.getResponse<FastifyReply>(), this.refusal(error, http.getRequest<FastifyRequest>()));
  }

  private refusal(error: unknown, request: FastifyRequest) {
    const known = toScimError(error);
    if (known !== undefined) return known;
    if (error instanceof HttpException && error.getStatus() < 500) return fromStatus(error.getStatus());
    const requestId = isScim(request) ? contextOf(request).requestId : undefined;
    this.log.error({ requestId, ...withoutValues(error) }, 'a SCIM request failed unexpectedly');
    return internalError();
  }
}
