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

import { isJsonObject, isUuid } from '../common/index.js';
import { ADOPTIONS, Pausing } from '../directory/index.js';
import type { Adoptions, Approval, ApprovalResult } from '../directory/index.js';
import { CoderUnlisted, GroupReport, UserReport } from '../reconcile/index.js';
import type { GroupMatch, ReportPage, ReportQuery, UserMatch } from '../reconcile/index.js';
import { AdminGuard } from './admin.guard.js';
import { refuseUnknown } from './pausing.controller.js';

/** Users or groups that one answer compares, unless fewer are asked for. */
const MOST_COMPARED = 500;
/** Names in one approval. */
const MOST_NAMED = 10_000;

/** Accounts and groups that are in Coder already: what would be adopted, and a person's word for it. */
@Controller('api/v1/adoption')
@UseGuards(AdminGuard)
export class AdoptionController {
  constructor(
    @Inject(UserReport) private readonly users: Pick<UserReport, 'page'>,
    @Inject(GroupReport) private readonly groups: Pick<GroupReport, 'page'>,
    @Inject(ADOPTIONS) private readonly adoptions: Pick<Adoptions, 'approve'>,
    @Inject(Pausing) private readonly connections: Pick<Pausing, 'confirm'>,
  ) {}

  /** `kind` (user, group), `connection`, `after` (the `next` of the answer before), `limit`. */
  @Get()
  async report(
    @Query() { kind = 'user', connection, after, limit }: Record<string, unknown>,
  ): Promise<ReportPage<UserMatch> | ReportPage<GroupMatch>> {
    const most = limit === undefined ? MOST_COMPARED : Number(limit);
    const wrong =
      (kind !== 'user' && kind !== 'group') ||
      !isOptional(connection, isText) ||
      !isOptional(after, isUuid) ||
      !(Number.isInteger(most) && most >= 1 && most <= MOST_COMPARED);
    if (wrong) {
      throw badRequest(
        `Ask with kind (user or group), connection, after (an id) and limit (1 to ${MOST_COMPARED}).`,
      );
    }
    if (connection !== undefined) await this.connections.confirm(connection).catch(refuseUnknown);
    const query: ReportQuery = {
      after: after ?? null,
      limit: most,
      ...(connection !== undefined && { connection }),
    };
    return (kind === 'user' ? this.users.page(query) : this.groups.page(query)).catch(unlisted);
  }

  /** Lets held adoptions pass: those that are named, or all. */
  @Post('approvals')
  @HttpCode(HttpStatus.OK)
  async approve(@Body() body: unknown): Promise<ApprovalResult> {
    const approval = approvalIn(body);
    if (approval === null) {
      throw badRequest(
        'Send {"users": ["userName, email address or id"]} or {"all": true}, and "connection" to keep to one.',
      );
    }
    const { connection } = approval;
    if (connection !== undefined) await this.connections.confirm(connection).catch(refuseUnknown);
    return this.adoptions.approve(approval);
  }
}

function approvalIn(body: unknown): Approval | null {
  if (!isJsonObject(body)) return null;
  const { users, all, connection } = body;
  if (!isOptional(connection, isText)) return null;
  const kept = connection === undefined ? {} : { connection };
  if (all === true && users === undefined) return { users: 'all', ...kept };
  const named = Array.isArray(users) && users.length > 0 && users.length <= MOST_NAMED && users.every(isText);
  return named && all === undefined ? { users, ...kept } : null;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function isOptional<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || is(value);
}

function unlisted(error: unknown): never {
  if (!(error instanceof CoderUnlisted)) throw error;
  throw new HttpException({ error: 'coder', message: error.message }, HttpStatus.BAD_GATEWAY);
}

const badRequest = (message: string): HttpException =>
  new HttpException({ error: 'badRequest', message }, HttpStatus.BAD_REQUEST);
