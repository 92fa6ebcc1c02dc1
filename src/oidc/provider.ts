import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  fetchUserInfo,
  None,
  skipSubjectCheck,
  tokenIntrospection,
  WWWAuthenticateChallengeError,
  ClientError,
  type ClientAuth,
  type Configuration,
} from 'openid-client';
import type { Clock, JsonObject } from '../common/index.js';
import type { OidcConfig } from '../config/index.js';
import { boundedFetch } from './bounded-fetch.js';
import { badToken, Refusal, unavailable } from './refusal.js';

/** Endpoints seldom move. */
const FRESH_MS = 60 * 60_000;
/** After a failure nobody asks again for so long. */
const FAILURE_MS = 5_000;
const TIMEOUT_S = 5;
/** oauth4webapi's name for a member that has another value than is expected. */
const OTHER_VALUE = 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED';

const AWAY = 'the OpenID provider cannot be reached now; try again';

/** The provider of a connection, as far as it is asked anything: its endpoints, found by discovery and kept for an hour. */
export class Provider {
  private known: { readonly server: Configuration; readonly at: number } | undefined;
  private failure: { readonly error: unknown; readonly at: number } | undefined;
  private asking: Promise<Configuration> | undefined;

  constructor(
    readonly config: OidcConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * What openid-client needs to talk to it. A provider that is away for a while is not asked for its endpoints anew.
   *
   * @throws Refusal
   */
  async server(): Promise<Configuration> {
    const now = this.clock.monotonic();
    if (this.known !== undefined && now - this.known.at < FRESH_MS) return this.known.server;
    if (this.failure !== undefined && now - this.failure.at < FAILURE_MS) return this.old(this.failure.error);
    this.asking ??= this.discover().finally(() => {
      this.asking = undefined;
    });
    try {
      return await this.asking;
    } catch (error) {
      this.failure = { error, at: this.clock.monotonic() };
      return this.old(error);
    }
  }

  /**
   * Claims of the userinfo endpoint (OpenID Connect Core 1.0 section 5.3).
   *
   * @param subject the ID token's: userinfo of anybody else is refused; none: there is no ID token
   * @returns undefined where the provider has no such endpoint
   * @throws Refusal
   */
  async userinfo(accessToken: string, subject?: string): Promise<JsonObject | undefined> {
    const server = await this.server();
    if (server.serverMetadata().userinfo_endpoint === undefined) return undefined;
    try {
      const claims = await fetchUserInfo(server, accessToken, subject ?? skipSubjectCheck);
      return claims as unknown as JsonObject;
    } catch (error) {
      if (error instanceof WWWAuthenticateChallengeError)
        throw badToken('the provider does not accept the access token');
      if (error instanceof ClientError && error.code === OTHER_VALUE)
        throw badToken("the access token is another person's than the ID token");
      throw unavailable("the provider's userinfo cannot be had now; try again", error);
    }
  }

  /**
   * What the provider says of an access token (RFC 7662).
   *
   * @returns undefined where it cannot be asked: it has no such endpoint, or the bridge no secret there
   * @throws Refusal
   */
  async introspect(accessToken: string): Promise<JsonObject | undefined> {
    const server = await this.server();
    const asks = server.serverMetadata().introspection_endpoint !== undefined;
    if (!asks || this.config.clientSecret === undefined) return undefined;
    try {
      return (await tokenIntrospection(server, accessToken)) as unknown as JsonObject;
    } catch (error) {
      throw unavailable('the provider does not say now whether the access token is good; try again', error);
    }
  }

  private old(error: unknown): Configuration {
    if (this.known !== undefined) return this.known.server;
    throw error instanceof Refusal ? error : unavailable(AWAY, error);
  }

  private async discover(): Promise<Configuration> {
    const { issuer, clientId } = this.config;
    const url = new URL(issuer.replace('{tenantid}', 'organizations'));
    const insecure = url.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {};
    const options = { [customFetch]: boundedFetch, timeout: TIMEOUT_S, ...insecure };
    // A bridge that only takes tokens has no client of its own; its name is then never said.
    const server = await discovery(url, clientId ?? 'none', undefined, this.authentication(), options);
    // The library forgives a slash at the end; tokens have the issuer to the letter.
    if (server.serverMetadata().issuer !== issuer)
      throw unavailable(AWAY, new Error('the discovery document is of another issuer'));
    this.known = { server, at: this.clock.monotonic() };
    this.failure = undefined;
    return server;
  }

  /** As the file says; else in the header where the provider takes that (Discovery 1.0 section 3: its default). */
  private authentication(): ClientAuth {
    const { clientSecret, clientAuthentication } = this.config;
    if (clientSecret === undefined) return None();
    const [header, body] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)];
    return (server, ...rest) => {
      const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      const inHeader =
        (clientAuthentication ?? methods.find((method) => method === 'client_secret_basic')) ===
        'client_secret_basic';
      return (inHeader ? header : body)(server, ...rest);
    };
  }
}
