export type { RequestEntry, SeenRequest } from './model.js';
export { tidyRequests } from './partitions.js';
export { parseRequestQuery } from './parse-query.js';
export { findRequests } from './query.js';
export type { RequestQuery } from './query.js';
export { RequestLog } from './request-log.js';
export { RequestLogModule, RequestReader } from './request-log.module.js';
