import { Controller, Get, HttpException, HttpStatus, Inject, Query, UseGuards } from '@nestjs/common';

import { parseRequestQuery, RequestReader } from '../request-log/index.js';
import type { RequestEntry } from '../request-log/index.js';
import { AdminGuard } from './admin.guard.js';

/** What identity providers asked, and what they were answered. */
@Controller('api/v1/requests')
@UseGuards(AdminGuard)
export class RequestsController {
  constructor(@Inject(RequestReader) private readonly requests: RequestReader) {}

  /** `connection`, `status` (404, 4xx), `since` (1h, a time), `limit`, and `after` (an id: the oldest first from there). */
  @Get()
  async list(@Query() parameters: Record<string, unknown>): Promise<{ requests: RequestEntry[] }> {
    const query = parseRequestQuery(parameters, Date.now());
    if ('problem' in query) {
      throw new HttpException({ error: 'badRequest', message: query.problem }, HttpStatus.BAD_REQUEST);
    }
    return { requests: await this.requests.find(query) };
  }
}
