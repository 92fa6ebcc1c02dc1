import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { sameSecret } from '../../connections/index.js';
import type { OidcConnection } from '../oidc-connections.js';
import type { ReadStatement } from '../read/statement.js';
import { Refusal } from '../refusal.js';
import { answerFault } from './answer-faults.js';
import type { Seal } from './seal.js';

/** How long a person may take at the provider, seconds. */
export const LOGIN_SECONDS = 600;

const NOT_HERE =
  'the login did not begin in this browser, or it began too long ago, or another one began since; begin anew';

/** A login that began: where the browser goes, and what it has to bring back. */
export interface BegunLogin {
  readonly url: string;
  readonly sealed: string;
}

/** Authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0 section 3.1, RFC 7636, RFC 9700). */
export class Login {
  /** @param redirectUri where the provider sends the browser back to */
  constructor(
    private readonly oidc: OidcConnection,
    private readonly redirectUri: string,
    private readonly seal: Seal,
  ) {}

  /** @throws Refusal */
  async begin(): Promise<BegunLogin> {
    const server = await this.oidc.provider.server();
    const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    const url = buildAuthorizationUrl(server, {
      redirect_uri: this.redirectUri,
      response_type: 'code',
      scope: this.oidc.config.scopes.join(' '),
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, sealed: await this.seal.seal({ state, nonce, verifier }, LOGIN_SECONDS) };
  }

  /**
   * Whether the provider's answer is to what this browser began: only then the login is used up by it.
   *
   * @param query of the callback, as it came
   * @throws Refusal
   */
  async match(query: string, sealed: string | undefined): Promise<MatchedLogin> {
    const begun = sealed === undefined ? undefined : await this.seal.open(sealed);
    const { state, nonce, verifier } = begun ?? {};
    const isWhole = typeof state === 'string' && typeof nonce === 'string' && typeof verifier === 'string';
    if (!isWhole) throw new Refusal('invalid_request', NOT_HERE);
    const answered = new URLSearchParams(query).getAll('state');
    if (answered.length === 0) throw new Refusal('invalid_request', 'the answer has no state; begin anew');
    if (answered.length > 1 || !sameSecret(answered[0] ?? '', state))
      throw new Refusal('invalid_request', NOT_HERE);
    return { query, state, nonce, verifier };
  }

  /**
   * Trades the code for tokens, and reads them.
   *
   * @throws Refusal
   */
  async finish({ query, state, nonce, verifier }: MatchedLogin): Promise<ReadStatement> {
    const { provider, config, reader } = this.oidc;
    const server = await provider.server();
    const tokens = await authorizationCodeGrant(server, new URL(`${this.redirectUri}?${query}`), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    }).catch((error: unknown) => {
      throw answerFault(error);
    });
    return reader.read({
      nonce,
      ...(tokens.id_token === undefined ? {} : { idToken: tokens.id_token }),
      ...(config.mergeUserinfo ? { accessToken: tokens.access_token } : {}),
    });
  }
}

/** An answer of the provider with what it was asked with. */
interface MatchedLogin {
  readonly query: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}
