import { coderApi } from '../api/index.js';
import type { CoderClient } from '../client.js';
import { Transport, type TransportOptions } from './transport.js';

/** The client over HTTP. */
export interface HttpCoderClient extends CoderClient {
  /** Ends all connections; calls in flight fail. */
  close(): Promise<void>;
}

/** Coder's sections behind one object. */
export function httpCoderClient(options: TransportOptions): HttpCoderClient {
  const transport = new Transport(options);
  return {
    ...coderApi(transport),
    coderNow: () => transport.coderNow(),
    close: () => transport.close(),
  };
}
