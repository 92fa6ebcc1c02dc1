import { Controller, Get, HttpException, HttpStatus, Inject, Param, Query, UseGuards } from '@nestjs/common';

import { JournalReader, NoReceipt } from '../journal/index.js';
import type { Receipt } from '../journal/index.js';
import { AdminGuard } from './admin.guard.js';

/** How people's access ended. */
@Controller('api/v1/receipts')
@UseGuards(AdminGuard)
export class ReceiptsController {
  constructor(@Inject(JournalReader) private readonly journal: JournalReader) {}

  /** `user`: id, userName, externalId or email. 404: nothing to show; 409: several users are named so. */
  @Get(':user')
  async receipt(@Param('user') user: string, @Query('connection') connection?: unknown): Promise<Receipt> {
    try {
      return await this.journal.receipt(user, typeof connection === 'string' ? connection : null);
    } catch (error) {
      if (!(error instanceof NoReceipt)) throw error;
      const status = error.code === 'ambiguousUser' ? HttpStatus.CONFLICT : HttpStatus.NOT_FOUND;
      throw new HttpException({ error: error.code, message: error.message }, status);
    }
  }
}
