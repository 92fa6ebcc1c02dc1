import { createHash, timingSafeEqual } from 'node:crypto';

import { HttpException, HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Injection token of the admin token; null: there is no admin API. */
export const ADMIN_TOKEN = Symbol('ADMIN_TOKEN');

/** Whether a presented token is the admin token; constant time in both. */
export function isAdminToken(presented: string, expected: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(presented), digest(expected));
}

/** `Authorization: Bearer $ADMIN_TOKEN`, or nothing under /api/v1 answers. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(@Inject(ADMIN_TOKEN) private readonly expected: string | null) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const [scheme, presented, ...rest] = (request.headers.authorization ?? '').split(' ');
    const valid = scheme?.toLowerCase() === 'bearer' && presented !== undefined && rest.length === 0;
    if (this.expected !== null && valid && isAdminToken(presented, this.expected)) return true;
    const message =
      this.expected === null
        ? 'There is no admin API: set ADMIN_TOKEN and start again.'
        : 'The admin API needs the header "Authorization: Bearer $ADMIN_TOKEN".';
    throw new HttpException({ error: 'unauthorized', message }, HttpStatus.UNAUTHORIZED);
  }
}
