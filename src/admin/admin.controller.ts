import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpException,
  HttpStatus,
  Inject,
  Param,
  Post,
  UseGuards,
} from '@nestjs/common';

import { isUuid } from '../common/index.js';
import type { FailedTarget, HeldTarget } from '../directory/index.js';
import type { FullSyncResult } from '../sync/index.js';
import { AdminGuard } from './admin.guard.js';
import { AdminService } from './admin.service.js';
import type { BridgeStatus } from './admin.service.js';

/** What a list answers at most. */
const LIST_LIMIT = 1_000;

/** The admin API. */
@Controller('api/v1')
@UseGuards(AdminGuard)
export class AdminController {
  constructor(@Inject(AdminService) private readonly admin: AdminService) {}

  /** Starts a full sync and answers with its result: 200 done, 409 another one runs, 502 Coder could not be listed. */
  @Post('sync')
  @HttpCode(HttpStatus.OK)
  async sync(): Promise<FullSyncResult> {
    return orThrow(await this.admin.sync());
  }

  @Get('status')
  status(): Promise<BridgeStatus> {
    return this.admin.status();
  }

  /** Targets that Coder refused, with the reason for people. */
  @Get('failures')
  async failures(): Promise<{ failures: FailedTarget[] }> {
    return { failures: await this.admin.failures(LIST_LIMIT) };
  }

  /** Plans that the safety budget or dry-run holds. */
  @Get('holds')
  async holds(): Promise<{ holds: HeldTarget[] }> {
    return { holds: await this.admin.holds(LIST_LIMIT) };
  }

  /** Lets a held plan pass: the body names the hash of the plan that was shown. */
  @Post('holds/:id/approve')
  @HttpCode(HttpStatus.OK)
  async approve(@Param('id') id: string, @Body() body: unknown): Promise<{ approved: true }> {
    const hash = typeof body === 'object' && body !== null && 'hash' in body ? body.hash : undefined;
    if (!isUuid(id) || typeof hash !== 'string')
      throw badRequest('Name the hold by its id, and send {"hash": "..."} of the plan that was shown.');
    if (!(await this.admin.approve(id, hash)))
      throw notFound('There is no such hold, or its plan has changed: read /api/v1/holds again.');
    return { approved: true };
  }
}

function orThrow(result: FullSyncResult): FullSyncResult {
  if (result.outcome === 'busy') throw new HttpException(result, HttpStatus.CONFLICT);
  if (result.outcome === 'failed') throw new HttpException(result, HttpStatus.BAD_GATEWAY);
  return result;
}

const badRequest = (message: string): HttpException =>
  new HttpException({ error: 'badRequest', message }, HttpStatus.BAD_REQUEST);
const notFound = (message: string): HttpException =>
  new HttpException({ error: 'notFound', message }, HttpStatus.NOT_FOUND);
