import type { CallOptions } from '../call-options.js';
import { flag, number, optional, record, text, type Read } from '../decode.js';
import { get, put } from '../http/route.js';
import type { Transport } from '../http/transport.js';

/** `budget` is the sum of the allowances of the user's groups; -1: none, where `template_rbac` is off. */
const readQuota = record('a quota', { credits_consumed: number, budget: number });

const readSchedule = record('quiet hours', {
  /** `CRON_TZ=Europe/Oslo 0 2 * * *` */
  raw_schedule: text,
  user_set: optional(flag),
  /** Since 2024. */
  user_can_set: optional(flag),
  /** `02:00` */
  time: optional(text),
  timezone: optional(text),
  next: optional(text),
});

export type CoderQuota = ReturnType<typeof readQuota>;
export type CoderQuietHours = ReturnType<typeof readSchedule>;

/** An object; the reference shows it inside an array. */
const readQuietHours: Read<CoderQuietHours> = (value) =>
  readSchedule(Array.isArray(value) ? (value as unknown[])[0] : value);

/** What a user may use, and when workspaces may be stopped ("Enterprise"). */
export function quotas(transport: Transport) {
  return {
    /** `GET /organizations/{organization}/members/{user}/workspace-quota`: 200, of somebody who is no member too. Since 2024. */
    getWorkspaceQuota: (organization: string, user: string, options?: CallOptions) =>
      transport.call({
        route: get('/organizations/{organization}/members/{user}/workspace-quota'),
        values: { organization, user },
        read: readQuota,
        options,
      }),

    /** `GET /workspace-quota/{user}`: 200; the default organization's. Deprecated since 2024, and the only one before. */
    getDefaultWorkspaceQuota: (user: string, options?: CallOptions) =>
      transport.call({ route: get('/workspace-quota/{user}'), values: { user }, read: readQuota, options }),

    /** `GET /users/{user}/quiet-hours`: 200; 403 without `advanced_template_scheduling`; 404 where the deployment has no schedule. */
    getQuietHours: (user: string, options?: CallOptions) =>
      transport.call({
        route: get('/users/{user}/quiet-hours'),
        values: { user },
        read: readQuietHours,
        options,
      }),

    /** `PUT /users/{user}/quiet-hours`: 200. Daily, at one time; bad syntax is 500. 403 where users may not choose. */
    updateQuietHours: (user: string, request: { schedule: string }, options?: CallOptions) =>
      transport.call({
        route: put('/users/{user}/quiet-hours'),
        values: { user },
        body: request,
        read: readQuietHours,
        options,
      }),
  };
}
