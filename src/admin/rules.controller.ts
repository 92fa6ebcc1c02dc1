import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpException,
  HttpStatus,
  Inject,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';

import { isJsonObject } from '../common/index.js';
import { NoSuchConnection, RulesAdmin, RulesUnavailable } from '../reconcile/index.js';
import type { ChangeResult, Finding, RulesReport } from '../reconcile/index.js';
import { IdpSyncChanges } from '../sync/index.js';
import { LOG } from '../telemetry/index.js';
import type { Log } from '../telemetry/index.js';
import { AdminGuard } from './admin.guard.js';

/** The settings of IdP sync: what holds, what is wrong with it, and writing it to Coder. */
@Controller('api/v1/rules')
@UseGuards(AdminGuard)
export class RulesController {
  constructor(
    @Inject(RulesAdmin) private readonly rules: Pick<RulesAdmin, 'show' | 'check' | 'push' | 'handOver'>,
    @Inject(IdpSyncChanges) private readonly changes: Pick<IdpSyncChanges, 'takeNow'>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Of one `connection`, or of all. */
  @Get()
  show(@Query('connection') connection?: unknown): Promise<RulesReport> {
    return this.rules.show(named(connection)).catch(refuse);
  }

  @Get('findings')
  async check(@Query('connection') connection?: unknown): Promise<{ findings: readonly Finding[] }> {
    return { findings: await this.rules.check(named(connection)).catch(refuse) };
  }

  /** `{"write": true}` writes; without it the answer is what would change. */
  @Post('push')
  @HttpCode(HttpStatus.OK)
  async push(@Body() body: unknown): Promise<{ changes: readonly ChangeResult[] }> {
    const { connection, write } = order(body);
    return this.followed(await this.rules.push(connection, write).catch(refuse));
  }

  @Post('hand-over')
  @HttpCode(HttpStatus.OK)
  async handOver(@Body() body: unknown): Promise<{ changes: readonly ChangeResult[] }> {
    const { connection, write } = order(body);
    return this.followed(await this.rules.handOver(connection, write).catch(refuse));
  }

  /** People follow what was written at once; where that fails, at the next turn of the schedule. */
  private async followed(changes: readonly ChangeResult[]): Promise<{ changes: readonly ChangeResult[] }> {
    if (changes.some(({ outcome }) => outcome === 'written')) {
      await this.changes
        .takeNow()
        .catch((error: unknown) =>
          this.log.warn({ err: error }, 'people could not be raised after settings of IdP sync were written'),
        );
    }
    return { changes };
  }
}

function named(connection: unknown): string | undefined {
  if (connection === undefined || (typeof connection === 'string' && connection !== '')) return connection;
  throw answer(HttpStatus.BAD_REQUEST, 'badRequest', 'Name one connection, or none for all.');
}

function order(body: unknown): { connection: string | undefined; write: boolean } {
  const { connection, write = false, ...others } = isJsonObject(body) ? body : {};
  if (typeof write !== 'boolean' || Object.keys(others).length > 0) {
    throw answer(
      HttpStatus.BAD_REQUEST,
      'badRequest',
      'Send {"connection": "...", "write": true}; without "write" nothing is written.',
    );
  }
  return { connection: named(connection), write };
}

function refuse(error: unknown): never {
  if (error instanceof NoSuchConnection)
    throw answer(HttpStatus.NOT_FOUND, 'unknownConnection', error.message);
  if (error instanceof RulesUnavailable) throw answer(HttpStatus.BAD_GATEWAY, 'coder', error.message);
  throw error;
}

const answer = (status: HttpStatus, error: string, message: string): HttpException =>
  new HttpException({ error, message }, status);
