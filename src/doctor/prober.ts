import { AuthError, CoderError, GoneError, RejectedError } from '../coder/index.js';
import type { CallOptions, CoderClient } from '../coder/index.js';
import type { Probe, Probes, Unread } from './probes.js';

/** Where to look. */
export interface Place {
  /** Name or id; none: the default organization. */
  readonly organization?: string;
  /** Of which the id is read, and nothing shown: when it ends is asked by it. */
  readonly sessionToken?: string;
}

/** Looks at a deployment: some fifteen reads, each once. Throws nothing of Coder's. */
export async function probeCoder(
  coder: CoderClient,
  { organization = 'default', sessionToken = '' }: Place,
  options?: CallOptions,
): Promise<Probes> {
  const buildInfo = await probe(() => coder.buildInfo(options));
  const away = 'unread' in buildInfo ? buildInfo : undefined;
  // Nobody waits for a dozen calls to time out where the first one did.
  const look = <T>(work: () => Promise<T>): Promise<Probe<T>> => (away ? Promise.resolve(away) : probe(work));
  const [self, key, place, entitlements, licenses, replicas, authMethods, config] = await Promise.all([
    look(() => coder.getUser('me', options)),
    look(() => coder.getKey('me', tokenId(sessionToken), options)),
    look(() => coder.getOrganization(organization, options)),
    look(() => coder.entitlements(options)),
    look(() => coder.listLicenses(options)),
    look(() => coder.listReplicas(options)),
    look(() => coder.authMethods(options)),
    look(() => coder.deploymentConfig(options)),
  ]);
  const [groupSync, roleSync, organizationSync, daemons, proxies] = await Promise.all([
    look(() => coder.getGroupSync(organization, options)),
    look(() => coder.getRoleSync(organization, options)),
    look(() => coder.getOrganizationSync(options)),
    look(() => coder.listProvisionerDaemons(organization, options)),
    look(() => coder.listWorkspaceProxies(options)),
  ]);
  return {
    now: Date.parse(coder.coderNow()),
    ...{ buildInfo, self, key, organization: place, entitlements, licenses, replicas, authMethods, config },
    ...{ groupSync, roleSync, organizationSync, daemons, proxies },
  };
}

/** What stands before the hyphen; the secret stands behind it. */
function tokenId(sessionToken: string): string {
  return sessionToken.split('-')[0] ?? '';
}

async function probe<T>(work: () => Promise<T>): Promise<Probe<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof CoderError)) throw error;
    return { unread: { why: whyOf(error), reason: error.message } };
  }
}

function whyOf(error: CoderError): Unread['why'] {
  if (error instanceof AuthError) return 'token';
  if (error instanceof GoneError) return 'gone';
  if (error instanceof RejectedError) return error.status === 404 ? 'missing' : 'denied';
  return 'unknown';
}
