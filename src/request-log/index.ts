export type { RequestEntry, SeenRequest } from './model.js';
export { tidyRequests } from './partitions.js';
export { findRequests, MOST_REQUESTS, parseSince, parseStatus } from './query.js';
export type { RequestQuery } from './query.js';
export { RequestLog } from './request-log.js';
