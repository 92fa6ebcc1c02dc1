import { systemClock } from '../common/index.js';
import type { Clock } from '../common/index.js';
import type { Connections, ServedConnection } from './connections.js';
import { fetchKeys, type FetchKeys } from './jwt/fetch-keys.js';
import { IssuerUnavailable } from './jwt/unavailable.js';
import { JwtVerifier, looksLikeJwt } from './jwt/verifier.js';
import { Guesses } from './limits/guesses.js';
import { RateLimiter } from './limits/rate.js';
import type { Tokens } from './tokens/tokens.js';

/** Milliseconds after which a question that could not be answered may be asked again. */
const AGAIN_MS = 5_000;

/** What a request shows at the door. */
export interface Credentials {
  /** The connection that the URL names; undefined: the first one. */
  readonly connection: string | undefined;
  readonly token: string;
  readonly address: string;
}

/**
 * Whether a request may pass. `unauthorized` is one answer for everything: an unknown token and connection, one that
 * expired, was revoked, or belongs to another connection. The connection that a URL names stands there for the request log.
 */
export type Verdict =
  | { readonly outcome: 'admitted'; readonly connection: ServedConnection; readonly label: string }
  | { readonly outcome: 'unauthorized'; readonly connection?: ServedConnection }
  /** Too many wrong tokens came from the address. */
  | { readonly outcome: 'throttled'; readonly retryAfterMs: number; readonly connection?: undefined }
  /** The connection made too many requests. */
  | {
      readonly outcome: 'limited';
      readonly retryAfterMs: number;
      readonly connection: ServedConnection;
      readonly label: string;
    }
  /** It cannot be said now: an issuer's keys are away. */
  | {
      readonly outcome: 'unavailable';
      readonly retryAfterMs: number;
      readonly connection?: ServedConnection;
    };

/** The door of the SCIM face: tokens, JWTs, and how much of each. Limits are this process's own. */
export class Access {
  readonly guesses: Guesses;
  private readonly requests: RateLimiter;
  private readonly jwts: ReadonlyMap<string, JwtVerifier>;

  constructor(
    private readonly connections: Connections,
    private readonly tokens: Pick<Tokens, 'check' | 'known'>,
    private readonly clock: Clock = systemClock,
    keys: FetchKeys = fetchKeys,
  ) {
    this.guesses = new Guesses(clock);
    this.requests = new RateLimiter(clock);
    this.jwts = new Map(
      connections.served.map(({ id, config }) => [id, new JwtVerifier(config.jwt, keys, clock)]),
    );
  }

  /** At once where the token is known; never throws, but may reject with DatabaseUnavailable. */
  admit(credentials: Credentials): Verdict | Promise<Verdict> {
    const connection = this.connections.find(credentials.connection);
    const known = this.tokens.known(credentials.token);
    if (known && connection?.id === known.connectionId) return this.withinRate(connection, known.label);
    return this.ask(connection, credentials);
  }

  private async ask(
    connection: ServedConnection | undefined,
    { token, address }: Credentials,
  ): Promise<Verdict> {
    try {
      const label = await this.holderOf(connection, token, address);
      if (label === 'busy') return { outcome: 'throttled', retryAfterMs: AGAIN_MS };
      if (connection === undefined || label === null) return this.refuse(connection, token, address);
      return this.withinRate(connection, label.label);
    } catch (error) {
      if (error instanceof IssuerUnavailable)
        return { outcome: 'unavailable', retryAfterMs: AGAIN_MS, ...(connection && { connection }) };
      throw error;
    }
  }

  /** Counts a request of the connection; for the token endpoint too. @returns 0, or how long to wait, milliseconds */
  countRequest({ id, config }: ServedConnection): number {
    return config.rateLimit === undefined ? 0 : this.requests.take(id, config.rateLimit);
  }

  private async holderOf(
    connection: ServedConnection | undefined,
    token: string,
    address: string,
  ): Promise<{ readonly label: string } | null | 'busy'> {
    if (connection !== undefined && connection.config.jwt.length > 0 && looksLikeJwt(token)) {
      const issuer = await this.jwts.get(connection.id)?.verify(token);
      if (issuer) return { label: `jwt:${issuer}` };
    }
    // Also where there is no such connection: the time that the answer takes must not tell.
    const holder = await this.tokens.check(token, this.guesses.isSuspect(address));
    if (holder === 'busy' || holder === null) return holder;
    return holder.connectionId === connection?.id ? holder : null;
  }

  private refuse(connection: ServedConnection | undefined, token: string, address: string): Verdict {
    // Without a token nothing was guessed: that is how people look whether the bridge is there.
    const retryAfterMs = token === '' ? 0 : this.guesses.count(address);
    return retryAfterMs > 0
      ? { outcome: 'throttled', retryAfterMs }
      : { outcome: 'unauthorized', ...(connection && { connection }) };
  }

  private withinRate(connection: ServedConnection, label: string): Verdict {
    const retryAfterMs = this.countRequest(connection);
    return retryAfterMs > 0
      ? { outcome: 'limited', retryAfterMs, connection, label }
      : { outcome: 'admitted', connection, label };
  }
}
