import type { CoderClient } from './client.js';
import { general } from './general.js';
import { groups } from './groups.js';
import { organizations } from './organizations.js';
import { Transport, type TransportOptions } from './transport.js';
import { users } from './users.js';

/** The client over HTTP. */
export interface HttpCoderClient extends CoderClient {
  /** Ends all connections; calls in flight fail. */
  close(): Promise<void>;
}

/** Coder's sections behind one object. */
export function httpCoderClient(options: TransportOptions): HttpCoderClient {
  const transport = new Transport(options);
  return {
    ...general(transport),
    ...users(transport),
    ...organizations(transport),
    ...groups(transport),
    coderNow: () => transport.coderNow(),
    close: () => transport.close(),
  };
}
