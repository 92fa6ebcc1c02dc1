export { ACCESS_CHECK, type AccessCheck } from './request/access-check.js';
export { configureScim } from './configure.js';
export { REQUEST_RECORDER, type RequestRecorder } from './request/request-record.js';
export { ScimModule } from './scim.module.js';
export { scimServerOptions } from './server-options.js';
