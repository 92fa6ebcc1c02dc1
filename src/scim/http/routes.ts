/** Where SCIM is served: of the first connection, and of each by its name. */
const BASES = ['/scim/v2', '/connections/:connection/scim/v2'] as const;

/** Every path of SCIM, served or not: these answer in SCIM's form and want a token. */
const SCIM = /^(?:\/connections\/[^/?]{1,256})?\/scim(?=[/?]|$)/;

/** Verbs of each endpoint, by its path under the base; `*` is one segment. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  '/ServiceProviderConfig': ['GET'],
  '/ResourceTypes': ['GET'],
  '/ResourceTypes/*': ['GET'],
  '/Schemas': ['GET'],
  '/Schemas/*': ['GET'],
  '/Users': ['GET', 'POST'],
  '/Users/.search': ['POST'],
  '/Users/*': ['GET', 'PUT', 'PATCH', 'DELETE'],
  '/Groups': ['GET', 'POST'],
  '/Groups/.search': ['POST'],
  '/Groups/*': ['GET', 'PUT', 'PATCH', 'DELETE'],
  '/.search': ['POST'],
  '/Bulk': ['POST'],
};

/** The paths of a controller, under each base. */
export function scimPaths(endpoint: string): string[] {
  return BASES.map((base) => `${base}${endpoint}`);
}

/** Whether a path (or a route's pattern) is SCIM's. */
export function isScimPath(path: string): boolean {
  return SCIM.test(path);
}

/**
 * The base of the URL that a request was sent to, from the configured public URL: never from the Host header.
 *
 * @param connection the name in the URL; undefined: the base without one
 */
export function baseOf(publicUrl: string, connection?: string): string {
  const origin = publicUrl.replace(/\/+$/, '');
  return connection === undefined ? `${origin}/scim/v2` : `${origin}/connections/${connection}/scim/v2`;
}

/** The connection that a URL names, if it names one, for a request that no route matched. */
export function connectionIn(path: string): string | undefined {
  return /^\/connections\/([^/?]{1,256})\//.exec(path)?.[1];
}

/**
 * The verbs that a path takes, for a request that no route matched; undefined where there is nothing at all.
 *
 * @param path with or without a query
 */
export function verbsOf(path: string): readonly string[] | undefined {
  const [before = ''] = path.split('?', 1);
  const base = /^(?:\/connections\/[^/]{1,256})?\/scim\/v2(?=\/)/.exec(before)?.[0];
  if (base === undefined) return undefined;
  const rest = before.slice(base.length).replace(/\/$/, '');
  if (Object.hasOwn(VERBS, rest)) return VERBS[rest];
  const [, first, second, ...more] = rest.split('/');
  const pattern = `/${first}/*`;
  return second && more.length === 0 && Object.hasOwn(VERBS, pattern) ? VERBS[pattern] : undefined;
}
