import {
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

import { Pausing, UnknownConnection } from '../directory/index.js';
import type { ConnectionState, PausedConnection } from '../directory/index.js';
import { AdminGuard } from './admin.guard.js';

/** Connections are paused and resumed: pushes go on being recorded, and nothing is applied to Coder meanwhile. */
@Controller('api/v1/connections')
@UseGuards(AdminGuard)
export class PausingController {
  constructor(@Inject(Pausing) private readonly pausing: Pick<Pausing, 'pause' | 'resume' | 'paused'>) {}

  /** Those that are paused, and how much waits for each. */
  @Get('paused')
  async list(): Promise<{ paused: PausedConnection[] }> {
    return { paused: await this.pausing.paused() };
  }

  /** Twice is as good as once: `changed` tells. */
  @Post(':name/pause')
  @HttpCode(HttpStatus.OK)
  pause(@Param('name') name: string): Promise<ConnectionState> {
    return this.pausing.pause(name).catch(refuseUnknown);
  }

  @Post(':name/resume')
  @HttpCode(HttpStatus.OK)
  resume(@Param('name') name: string): Promise<ConnectionState> {
    return this.pausing.resume(name).catch(refuseUnknown);
  }
}

/** As the admin API says it. */
export function refuseUnknown(error: unknown): never {
  if (!(error instanceof UnknownConnection)) throw error;
  throw new HttpException({ error: 'unknownConnection', message: error.message }, HttpStatus.NOT_FOUND);
}
