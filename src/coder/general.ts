import type { CoderClient } from './client.js';
import { readBuildInfo, readEntitlements } from './shapes.js';
import type { Transport } from './transport.js';

/** Coder's "General" and "Enterprise" sections, as far as the bridge needs them. Neither needs a token. */
export function general(transport: Transport): Pick<CoderClient, 'buildInfo' | 'entitlements'> {
  return {
    buildInfo: (options = {}) =>
      transport.call({ route: { method: 'GET', template: '/buildinfo' }, read: readBuildInfo, options }),
    entitlements: (options = {}) =>
      transport.call({
        route: { method: 'GET', template: '/entitlements' },
        read: readEntitlements,
        options,
      }),
  };
}
