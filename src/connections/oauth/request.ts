/** A refusal of the token endpoint (RFC 6749 section 5.2). */
export class OAuthError extends Error {
  constructor(
    readonly status: 400 | 401 | 429 | 503,
    readonly code:
      'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'temporarily_unavailable',
    readonly description: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
    this.name = 'OAuthError';
  }
}

/** Who asks for an access token. */
export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

/**
 * Reads a request of the client credentials grant (RFC 6749 section 4.4.2). The client names itself by HTTP Basic or in the
 * form, and not in both (section 2.3). A scope is passed over: there is one access, that of the connection.
 *
 * @param form the body, `application/x-www-form-urlencoded`
 * @throws OAuthError
 */
export function readTokenRequest(authorization: string | undefined, form: string): ClientCredentials {
  const parameters = new URLSearchParams(form);
  for (const name of ['grant_type', 'client_id', 'client_secret']) {
    // Section 3.2: parameters must not be included more than once.
    if (parameters.getAll(name).length > 1) throw invalidRequest(`${name} is stated more than once`);
  }
  const grant = parameters.get('grant_type') ?? '';
  if (grant === '') throw invalidRequest('grant_type is missing');
  if (grant !== 'client_credentials')
    throw new OAuthError(400, 'unsupported_grant_type', 'the grant is client_credentials');
  const id = parameters.get('client_id') ?? '';
  const secret = parameters.get('client_secret') ?? '';
  if (authorization === undefined) {
    if (id === '' || secret === '') throw invalidClient();
    return { id, secret };
  }
  const basic = readBasic(authorization);
  if (basic === undefined) throw invalidClient();
  if (secret !== '' || (id !== '' && id !== basic.id))
    throw invalidRequest('the client is named by the header and in the body; choose one');
  return basic;
}

/** The client could not be authenticated; what was wrong of it is not said. */
export function invalidClient(): OAuthError {
  return new OAuthError(401, 'invalid_client', 'the client or its secret is not known', {
    'www-authenticate': 'Basic realm="idp-bridge"',
  });
}

export function invalidRequest(description: string): OAuthError {
  return new OAuthError(400, 'invalid_request', description);
}

/** Id and secret are form-encoded before they are joined (section 2.3.1). */
function readBasic(authorization: string): ClientCredentials | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_=-]{1,8192})$/i.exec(authorization.trim()) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  try {
    const decode = (part: string): string => decodeURIComponent(part.replaceAll('+', ' '));
    return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}
