import type { CallOptions } from '../call-options.js';
import { key, listOf, number, optional, readNothing, record, text } from '../decode.js';
import { del, get, post } from '../http/route.js';
import type { Transport } from '../http/transport.js';

/** A session or an API token, without its secret. Its id is what stands before the hyphen of the token. */
const readApiKey = record('an API key', {
  id: key,
  user_id: optional(text),
  created_at: optional(text),
  last_used: optional(text),
  expires_at: optional(text),
  lifetime_seconds: optional(number),
  /** `token` for API tokens; of a session how its owner logged in. */
  login_type: optional(text),
  scope: optional(text),
  token_name: optional(text),
  /** In lists, since 2023. */
  username: optional(text),
});

export type CoderApiKey = ReturnType<typeof readApiKey>;

/** API keys, a part of Coder's "Users" section. */
export function keys(transport: Transport) {
  return {
    /** `GET /users/{user}/keys/tokens`: 200, API tokens only, no sessions. `include_all`: of everybody, for owners. */
    listTokens: (
      user: string,
      query: { include_all?: boolean; include_expired?: boolean } = {},
      options?: CallOptions,
    ) =>
      transport.call({
        route: get('/users/{user}/keys/tokens'),
        values: { user },
        query: { ...query },
        read: listOf(readApiKey),
        options,
      }),

    /** `POST /users/{user}/keys/tokens`: 201 `{key}`, shown once; 409 name taken. `lifetime` in nanoseconds, capped by the deployment. */
    createToken: (
      user: string,
      request: { token_name: string; lifetime: number; scope?: string },
      options?: CallOptions,
    ) =>
      transport.call({
        route: post('/users/{user}/keys/tokens'),
        values: { user },
        body: request,
        read: record('a token', { key }),
        options,
      }),

    /** `GET /users/{user}/keys/{keyid}`: 200; 404. Of the caller's own token: when it expires. */
    getKey: (user: string, keyid: string, options?: CallOptions) =>
      transport.call({
        route: get('/users/{user}/keys/{keyid}'),
        values: { user, keyid },
        read: readApiKey,
        options,
      }),

    /** `DELETE /users/{user}/keys/{keyid}`: 204; 404 for one that is gone. Sessions too, by their id. */
    deleteKey: (user: string, keyid: string, options?: CallOptions) =>
      transport.call({
        route: del('/users/{user}/keys/{keyid}'),
        values: { user, keyid },
        read: readNothing,
        options,
      }),

    /** `GET /users/{user}/keys/tokens/tokenconfig`: 200; nanoseconds. */
    tokenConfig: (user: string, options?: CallOptions) =>
      transport.call({
        route: get('/users/{user}/keys/tokens/tokenconfig'),
        values: { user },
        read: record('the settings of tokens', { max_token_lifetime: optional(number) }),
        options,
      }),
  };
}
