import { Controller, Get, HttpException, HttpStatus, Inject, Param, Query, UseGuards } from '@nestjs/common';

import { JournalReader, NoReceipt } from '../journal/index.js';
import { CoderUnlisted, Explainer } from '../reconcile/index.js';
import type { Explanation } from '../reconcile/index.js';
import { AdminGuard } from './admin.guard.js';

/** Why people have what they have in Coder. */
@Controller('api/v1/explain')
@UseGuards(AdminGuard)
export class ExplainController {
  constructor(
    @Inject(JournalReader) private readonly journal: JournalReader,
    @Inject(Explainer) private readonly explainer: Explainer,
  ) {}

  /** `user`: id, userName, externalId or email. 404: nobody; 409: several users are named so; 502: Coder does not answer. */
  @Get(':user')
  async explain(
    @Param('user') user: string,
    @Query('connection') connection?: unknown,
  ): Promise<Explanation> {
    try {
      const { id } = await this.journal.person(user, typeof connection === 'string' ? connection : null);
      const explanation = await this.explainer.explain(id);
      if (explanation) return explanation;
      throw refused(HttpStatus.NOT_FOUND, 'unknownUser', 'The user was deleted just now.');
    } catch (error) {
      if (error instanceof CoderUnlisted) throw refused(HttpStatus.BAD_GATEWAY, 'coder', error.message);
      if (!(error instanceof NoReceipt)) throw error;
      const status = error.code === 'ambiguousUser' ? HttpStatus.CONFLICT : HttpStatus.NOT_FOUND;
      throw refused(status, error.code, error.message);
    }
  }
}

const refused = (status: HttpStatus, error: string, message: string): HttpException =>
  new HttpException({ error, message }, status);
