import type { CallOptions } from '../call-options.js';
import { key, number, optional, readNothing, record, text } from '../decode.js';
import type { Answer } from '../http/exchange.js';
import { get, post, put } from '../http/route.js';
import type { Transport } from '../http/transport.js';

const readXrayScan = record('a scan', {
  workspace_id: key,
  agent_id: key,
  critical: optional(number),
  high: optional(number),
  medium: optional(number),
  results_url: optional(text),
});

export type CoderXrayScan = ReturnType<typeof readXrayScan>;

const NOT_MODIFIED = 304;

/** What tells others of what happens in Coder: notifications, and JFrog's scans ("Enterprise"). */
export function integrations(transport: Transport) {
  return {
    /** `GET /integrations/jfrog/xray-scan`: 200; 404 where none was stored. In versions of 2024 only: later "route not found". */
    getXrayScan: (query: { workspace_id: string; agent_id: string }, options?: CallOptions) =>
      transport.call({ route: get('/integrations/jfrog/xray-scan'), query, read: readXrayScan, options }),

    /** `POST /integrations/jfrog/xray-scan`: 200 or 201 `{message}`. In versions of 2024 only. */
    storeXrayScan: (request: CoderXrayScan, options?: CallOptions) =>
      transport.call({
        route: post('/integrations/jfrog/xray-scan'),
        body: request,
        read: readNothing,
        options,
      }),

    /**
     * `PUT /notifications/templates/{notification_template}/method`: 200; 304 when it was so already. `method` is `smtp`,
     * `webhook` or `inbox`; null: the deployment's default. Since 2024.
     *
     * @returns whether anything changed
     */
    setNotificationMethod: (
      notificationTemplate: string,
      request: { method: string | null },
      options?: CallOptions,
    ) =>
      transport.call({
        route: put('/notifications/templates/{notification_template}/method'),
        values: { notification_template: notificationTemplate },
        body: request,
        alsoAnswers: [NOT_MODIFIED],
        read: readChanged,
        options,
      }),
  };
}

function readChanged(body: unknown, { status }: Answer): boolean {
  readNothing(body);
  return status !== NOT_MODIFIED;
}
