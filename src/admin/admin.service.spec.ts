import { HttpException } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';

import type { FullSyncResult } from '../sync/index.js';
import { AdminController } from './admin.controller.js';
import { AdminService } from './admin.service.js';
import type { Backlog } from './admin.service.js';

const ID = '0192aaaa-0000-7000-8000-000000000001';
const BACKLOG: Backlog = {
  targets: { dirty: 3, urgent: 1, failed: 2, held: 0, paused: 0, oldestDirtyMs: 12 },
  queue: { urgent: 1, normal: 2 },
};

let result: FullSyncResult;
let approvals: string[];
let asked: number[];

const service = new AdminService(
  { run: async () => result },
  {
    failed: async (limit) => {
      asked.push(limit);
      return [];
    },
    held: async (limit) => {
      asked.push(limit);
      return [];
    },
    approve: async (id, hash) => {
      approvals.push(`${id} ${hash}`);
      return hash === 'right';
    },
    releaseDryRun: async () => 0,
  },
  async () => BACKLOG,
  { url: 'http://coder.example', simulator: false },
  { paused: async () => [] },
);
const controller = new AdminController(service);

beforeEach(() => {
  approvals = [];
  asked = [];
});

/** The status and body that a refusal is answered with. */
async function refusal(answer: Promise<unknown>): Promise<{ status: number; body: unknown }> {
  const error: unknown = await answer.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpException)) throw new Error(`no refusal but ${String(error)}`);
  return { status: error.getStatus(), body: error.getResponse() };
}

describe('the admin API', () => {
  it('shows how much waits and where Coder is', async () => {
    expect(await controller.status()).toEqual({
      ...BACKLOG,
      coder: { url: 'http://coder.example', simulator: false },
      paused: [],
    });
  });

  it('answers a full sync with its result, and with an error where there is none', async () => {
    const counts = { compared: 2, differing: 1 };
    result = { outcome: 'done', durationMs: 5, users: counts, groups: counts, retried: 0 };
    expect(await controller.sync()).toBe(result);
    result = { outcome: 'busy' };
    expect(await refusal(controller.sync())).toEqual({ status: 409, body: result });
    result = { outcome: 'failed', reason: 'GET /users: 500', durationMs: 5 };
    expect(await refusal(controller.sync())).toEqual({ status: 502, body: result });
  });

  it('lists failures and holds, a thousand at most', async () => {
    expect(await controller.failures()).toEqual({ failures: [] });
    expect(await controller.holds()).toEqual({ holds: [] });
    expect(asked).toEqual([1_000, 1_000]);
  });

  it('approves a hold by id and hash', async () => {
    expect(await controller.approve(ID, { hash: 'right' })).toEqual({ approved: true });
    expect(approvals).toEqual([`${ID} right`]);
  });

  it('says 404 where the plan is another one by now', async () => {
    expect(await refusal(controller.approve(ID, { hash: 'wrong' }))).toMatchObject({
      status: 404,
      body: { error: 'notFound' },
    });
  });

  it.each([
    ['nonsense', { hash: 'right' }],
    [ID, null],
    [ID, undefined],
    [ID, 'right'],
    [ID, {}],
    [ID, { hash: 7 }],
  ])('says 400 to %j with %j, and approves nothing', async (id, body) => {
    expect(await refusal(controller.approve(id, body))).toMatchObject({
      status: 400,
      body: { error: 'badRequest' },
    });
    expect(approvals).toEqual([]);
  });
});
