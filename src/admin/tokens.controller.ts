import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpException,
  HttpStatus,
  Inject,
  Param,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';

import { isUuid } from '../common/index.js';
import { TokenRefusal } from '../connections/index.js';
import type { NewToken, TokenAdmin, TokenEntry } from '../connections/index.js';
import { AdminGuard } from './admin.guard.js';

/** Injection token of the {@link TokenAdmin}. */
export const TOKEN_ADMIN = Symbol('TOKEN_ADMIN');

/** Tokens of connections: made, listed, ended. */
@Controller('api/v1/tokens')
@UseGuards(AdminGuard)
export class TokensController {
  constructor(@Inject(TOKEN_ADMIN) private readonly tokens: TokenAdmin) {}

  /** The only answer that ever shows the token. */
  @Post()
  create(@Body() body: unknown): Promise<NewToken> {
    const { connection, label, expires } = isObject(body) ? body : {};
    if (typeof connection !== 'string' || typeof label !== 'string' || !isOptionalText(expires)) {
      throw refusal(
        HttpStatus.BAD_REQUEST,
        'badRequest',
        'Send {"connection": "...", "label": "...", "expires": "90d"}; without "expires" it does not end by itself.',
      );
    }
    return this.tokens.create(connection, label, expires ?? undefined).catch(refuse);
  }

  @Get()
  async list(@Query('connection') connection?: unknown): Promise<{ tokens: TokenEntry[] }> {
    return { tokens: await this.tokens.list(typeof connection === 'string' ? connection : undefined) };
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  async revoke(@Param('id') id: string): Promise<void> {
    if (!isUuid(id))
      throw refusal(HttpStatus.NOT_FOUND, 'unknownToken', 'There is no living token with this id.');
    await this.tokens.revoke(id).catch(refuse);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isOptionalText = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === 'string';

function refuse(error: unknown): never {
  if (!(error instanceof TokenRefusal)) throw error;
  const notFound = error.code === 'unknownToken' || error.code === 'unknownConnection';
  throw refusal(notFound ? HttpStatus.NOT_FOUND : HttpStatus.BAD_REQUEST, error.code, error.message);
}

const refusal = (status: HttpStatus, error: string, message: string): HttpException =>
  new HttpException({ error, message }, status);
