import type { Database } from '../database/index.js';
import type { RequestEntry } from './model.js';

/** Which requests are asked for. */
export interface RequestQuery {
  /** Name of a connection; none: all. */
  readonly connection?: string;
  /** Smallest and largest status. */
  readonly status?: readonly [from: number, to: number];
  readonly since?: Date;
  /** Only requests with a larger id, the oldest first: what came since the last question. */
  readonly after?: number;
  readonly limit: number;
}

/** Most requests that one question answers. */
export const MOST_REQUESTS = 1_000;

/** Requests of the log, the newest first unless `after` is given. */
export function findRequests(database: Database, query: RequestQuery): Promise<RequestEntry[]> {
  const { connection, status, since, after, limit } = query;
  return database.query<RequestEntry>(
    `SELECT r.id, r.at, c.name AS connection, r.request_id AS "requestId", r.method, r.path, r.filter, r.status,
       r.scim_type AS "scimType", r.detail, r.ms, r.who, r.user_agent AS "userAgent", r.body
     FROM bridge.requests r JOIN bridge.connections c ON c.id = r.connection_id
     WHERE ($1::text IS NULL OR c.name = $1) AND r.status BETWEEN $2 AND $3
       AND ($4::timestamptz IS NULL OR r.at >= $4) AND ($5::bigint IS NULL OR r.id > $5)
     ORDER BY r.id ${after === undefined ? 'DESC' : 'ASC'} LIMIT $6`,
    [
      connection ?? null,
      status?.[0] ?? 0,
      status?.[1] ?? 999,
      since ?? null,
      after ?? null,
      Math.min(limit, MOST_REQUESTS),
    ],
  );
}
