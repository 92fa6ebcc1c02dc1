import { newId } from '../../common/index.js';
import type { Access } from '../../connections/index.js';
import type { LoggedOut, Logout, Logouts } from '../../directory/index.js';
import type { OidcConnection } from '../oidc-connections.js';
import { badToken, Refusal } from '../refusal.js';
import { counted, judged } from '../slowing.js';
import { personIn } from './subject.js';

type Stated = Pick<Logout, 'issuer' | 'person' | 'at' | 'token' | 'source'>;

/** Where a Universal Logout came to. */
export interface RevocationRequest {
  readonly authorization: string | undefined;
  readonly body: unknown;
  /** As the configuration has it. */
  readonly url: string;
  readonly address: string;
}

/** Logouts in, a mark in the directory: what follows from it is the reconciler's. */
export class LogoutReceiver {
  constructor(
    private readonly directory: Logouts,
    private readonly access: Pick<Access, 'guesses' | 'countRequest'>,
  ) {}

  /**
   * OpenID Connect Back-Channel Logout 1.0. That nobody is known by it is no fault: whoever is not here is logged out.
   *
   * @throws Refusal, DirectoryError, DatabaseUnavailable
   */
  async backchannel(to: OidcConnection, logoutToken: string, address: string): Promise<void> {
    const stated = await judged(this.access, address, to.logouts.verify(logoutToken));
    await this.record(to, { ...stated, source: 'backchannel' });
  }

  /**
   * Okta's Universal Logout (global token revocation).
   *
   * @throws Refusal, DirectoryError, DatabaseUnavailable
   */
  async universal(
    to: OidcConnection,
    { authorization, body, url, address }: RevocationRequest,
  ): Promise<void> {
    const [, token] = /^Bearer +([^ ]+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) throw badToken('expected Authorization: Bearer, and a token');
    const evidence = await judged(this.access, address, to.revocations.verify(token, url));
    const person = personIn(body, to.config);
    // Subjects are kept by the issuer of ID tokens, which an organization may not be.
    const issuer = to.config.issuer;
    const known =
      person !== null && (await this.record(to, { ...evidence, issuer, person, source: 'universal' })).known;
    if (!known) throw new Refusal('not_found', 'nobody here is the one that is to be logged out');
  }

  private record(to: OidcConnection, stated: Stated): Promise<LoggedOut> {
    const { connection } = to;
    counted(this.access, connection);
    return this.directory.loggedOut({
      ...stated,
      connectionId: connection.id,
      revokesKeys: connection.config.policy.revokeOnLogout,
      requestId: newId(),
    });
  }
}
