import { connectionConfig } from './connection-config.js';
import { CLIENT } from './openid-provider.js';
import type { Clock } from '../../src/common/index.js';
import type { OidcConfig } from '../../src/config/index.js';
import { Connections } from '../../src/connections/index.js';
import { silentLog } from '../../src/telemetry/index.js';
import { OidcConnections } from '../../src/oidc/oidc-connections.js';
import type { ClaimReader } from '../../src/oidc/read/claim-reader.js';

/** What reads the claims of a connection whose provider is at `issuer`, else configured as it usually is. */
export function readerOf(issuer: string, clock: Clock, change: Partial<OidcConfig> = {}): ClaimReader {
  const oidc: OidcConfig = {
    issuer,
    tenants: [],
    clientId: CLIENT.id,
    audiences: [CLIENT.id],
    algorithms: ['RS256'],
    clockSkewSeconds: 60,
    keysMaxAgeHours: 24,
    maxAgeMinutes: 60,
    nonce: 'optional',
    scopes: ['openid'],
    externalIdClaims: ['oid', 'sub'],
    mergeUserinfo: true,
    ...change,
  };
  const served = [{ id: 'id', name: 'one', config: connectionConfig('one', { oidc }) }];
  return new OidcConnections(new Connections(served), clock, silentLog).find('one').reader;
}
