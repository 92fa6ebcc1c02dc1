import type { ExecutionContext } from '@nestjs/common';
import { describe, expect, it } from 'vitest';

import { AdminGuard } from './admin.guard.js';

const TOKEN = 'a-token-of-the-administrator';

function asks(expected: string | null, authorization?: string): boolean | string {
  const request = { headers: authorization === undefined ? {} : { authorization } };
  const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  try {
    return new AdminGuard(expected).canActivate(context);
  } catch (error) {
    const { response, status } = error as { response: { message: string }; status: number };
    expect(status).toBe(401);
    return response.message;
  }
}

describe('the guard of the admin API', () => {
  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`])('lets "%s" in', (authorization) => {
    expect(asks(TOKEN, authorization)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN} x`,
  ])('lets nobody in by %j, and says what it needs', (authorization) => {
    expect(asks(TOKEN, authorization)).toContain('Authorization: Bearer $ADMIN_TOKEN');
  });

  it.each([undefined, 'Bearer ', 'Bearer null', `Bearer ${TOKEN}`])(
    'lets nobody in where there is no admin token, whatever is presented: %j',
    (authorization) => {
      expect(asks(null, authorization)).toContain('There is no admin API');
    },
  );
});
