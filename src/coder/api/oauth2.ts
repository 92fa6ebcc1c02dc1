import type { CallOptions } from '../call-options.js';
import {
  key,
  listOf,
  number,
  optional,
  readNothing,
  record,
  text,
  WrongShape,
  type Read,
} from '../decode.js';
import type { Answer } from '../http/exchange.js';
import { atRoot, del, get, post, put } from '../http/route.js';
import type { Transport } from '../http/transport.js';

const readApp = record('an OAuth2 app', {
  id: key,
  name: key,
  callback_url: optional(text),
  icon: optional(text),
  endpoints: optional(
    record('endpoints', {
      authorization: optional(text),
      token: optional(text),
      device_authorization: optional(text),
    }),
  ),
});

const readSecret = record('a secret', {
  id: key,
  last_used_at: optional(text),
  client_secret_truncated: optional(text),
});

const readFullSecret = record('a new secret', { id: key, client_secret_full: key });

/** The reference shows the new secret inside an array. */
const readNewSecret: Read<CoderOAuth2NewSecret> = (value) =>
  readFullSecret(Array.isArray(value) ? (value as unknown[])[0] : value);

const readToken = record('a token', {
  access_token: key,
  token_type: optional(text),
  refresh_token: optional(text),
  /** Seconds. */
  expires_in: optional(number),
  expiry: optional(text),
});

export type CoderOAuth2App = ReturnType<typeof readApp>;
export type CoderOAuth2Secret = ReturnType<typeof readSecret>;
export type CoderOAuth2NewSecret = ReturnType<typeof readFullSecret>;
export type CoderOAuth2Token = ReturnType<typeof readToken>;

export interface OAuth2AppRequest {
  name: string;
  callback_url: string;
  icon?: string;
}

export interface AuthorizeRequest {
  client_id: string;
  state: string;
  response_type: 'code';
  redirect_uri?: string;
  scope?: string;
}

export interface TokenRequest {
  grant_type: 'authorization_code' | 'refresh_token';
  client_id?: string;
  client_secret?: string;
  code?: string;
  refresh_token?: string;
}

const APP = '/oauth2-provider/apps/{app}';
const FOUND = 302;

/** Coder as an OAuth2 server for other programs ("Enterprise"; since 2024, in production builds behind an experiment). */
export function oauth2(transport: Transport) {
  return {
    /** `GET /oauth2-provider/apps`: 200; with `user_id` those that the user has let in. */
    listOAuth2Apps: (query: { user_id?: string } = {}, options?: CallOptions) =>
      transport.call({
        route: get('/oauth2-provider/apps'),
        query: { ...query },
        read: listOf(readApp),
        options,
      }),

    /** `POST /oauth2-provider/apps`: 201 (the reference says 200). */
    createOAuth2App: (request: OAuth2AppRequest, options?: CallOptions) =>
      transport.call({ route: post('/oauth2-provider/apps'), body: request, read: readApp, options }),

    /** `GET /oauth2-provider/apps/{app}`: 200; 404. */
    getOAuth2App: (app: string, options?: CallOptions) =>
      transport.call({ route: get(APP), values: { app }, read: readApp, options }),

    /** `PUT /oauth2-provider/apps/{app}`: 200; the whole app. */
    updateOAuth2App: (app: string, request: OAuth2AppRequest, options?: CallOptions) =>
      transport.call({ route: put(APP), values: { app }, body: request, read: readApp, options }),

    /** `DELETE /oauth2-provider/apps/{app}`: 204. */
    deleteOAuth2App: (app: string, options?: CallOptions) =>
      transport.call({ route: del(APP), values: { app }, read: readNothing, options }),

    /** `GET /oauth2-provider/apps/{app}/secrets`: 200, each with its last characters only. */
    listOAuth2Secrets: (app: string, options?: CallOptions) =>
      transport.call({ route: get(`${APP}/secrets`), values: { app }, read: listOf(readSecret), options }),

    /** `POST /oauth2-provider/apps/{app}/secrets`: 200 or 201, the secret shown once. */
    createOAuth2Secret: (app: string, options?: CallOptions) =>
      transport.call({ route: post(`${APP}/secrets`), values: { app }, read: readNewSecret, options }),

    /** `DELETE /oauth2-provider/apps/{app}/secrets/{secretID}`: 204. */
    deleteOAuth2Secret: (app: string, secretID: string, options?: CallOptions) =>
      transport.call({
        route: del(`${APP}/secrets/{secretID}`),
        values: { app, secretID },
        read: readNothing,
        options,
      }),

    /** `POST /oauth2/authorize` at the root: 302; returns where it leads, with the code. It is not followed. */
    authorizeOAuth2: (request: AuthorizeRequest, options?: CallOptions) =>
      transport.call({
        route: atRoot(post('/oauth2/authorize')),
        query: { ...request },
        alsoAnswers: [FOUND],
        read: readLocation,
        options,
      }),

    /** `POST /oauth2/tokens` at the root, as a form and without the session token: 200; 400 and 401 as RFC 6749 section 5.2. */
    exchangeOAuth2Token: (request: TokenRequest, options?: CallOptions) =>
      transport.call({
        route: atRoot(post('/oauth2/tokens')),
        form: { ...request },
        credential: 'none',
        read: readToken,
        options,
      }),

    /** `DELETE /oauth2/tokens?client_id=` at the root: 204; ends all tokens that the caller gave the app. */
    revokeOAuth2Tokens: (query: { client_id: string }, options?: CallOptions) =>
      transport.call({ route: atRoot(del('/oauth2/tokens')), query, read: readNothing, options }),
  };
}

function readLocation(_body: unknown, { status, headers }: Answer): string {
  const location = headers.get('location');
  if (status !== FOUND || location === undefined) throw new WrongShape('a redirect to the app');
  return location;
}
