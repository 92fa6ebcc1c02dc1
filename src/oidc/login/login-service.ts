import { isJsonObject, newId, type Clock, type StatedClaims } from '../../common/index.js';
import type { Access } from '../../connections/index.js';
import { DirectoryError, type ClaimsDirectory, type Settlements, type Users } from '../../directory/index.js';
import type { OidcConnection } from '../oidc-connections.js';
import type { ShownLogin } from '../pages/pages.js';
import type { ShownStatus } from '../pages/status.js';
import { Refusal } from '../refusal.js';
import { LoginCookie } from './cookie.js';
import { Login, LOGIN_SECONDS } from './login.js';
import { Seal } from './seal.js';

/** How long a status can be looked at, seconds. */
const STATUS_SECONDS = 900;
/** How long one look waits for the arrival in Coder, milliseconds. */
const LOOK_MS = 2_000;

/** What the directory has to do with a login. */
export interface LoginDirectory {
  readonly claims: Pick<ClaimsDirectory, 'state' | 'following'>;
  readonly settlements: Pick<Settlements, 'wait'>;
  readonly users: Pick<Users, 'get'>;
}

/** A request of a browser. */
export interface Visit {
  /** Null: the first connection's, by its short path. */
  readonly connection: string | null;
  readonly address: string;
  readonly cookies: string | undefined;
  /** As it came, without the question mark. */
  readonly query: string;
}

/** An answer, and the cookie that it sets. */
export interface Visited<T> {
  readonly answer: T;
  readonly cookie: string;
}

/** Logging in to see one's own claims, and stating them by it. Keeps nothing of a login in memory. */
export class LoginService {
  constructor(
    private readonly directory: LoginDirectory,
    private readonly access: Pick<Access, 'guesses'>,
    private readonly publicUrl: string,
    private readonly clock: Clock,
  ) {}

  /** @returns where the browser goes @throws Refusal */
  async begin(to: OidcConnection, visit: Visit): Promise<Visited<string>> {
    const { url, sealed } = await this.loginOf(to, visit).begin();
    return { answer: url, cookie: this.cookieOf(to).set(sealed, LOGIN_SECONDS) };
  }

  /**
   * The provider's answer. Once it is to what this browser began, the login is over, however it ends.
   *
   * @param onMatch is told the cookie that ends the login
   * @throws Refusal, DatabaseUnavailable
   */
  async finish(to: OidcConnection, visit: Visit, onMatch: (cookie: string) => void): Promise<ShownLogin> {
    const [login, cookie] = [this.loginOf(to, visit), this.cookieOf(to)];
    const matched = await login.match(visit.query, cookie.valueIn(visit.cookies));
    onMatch(cookie.end);
    // Each answer is a question to the provider.
    if (this.access.guesses.isSuspect(visit.address))
      throw new Refusal('slow_down', 'too many logins came to nothing; try again in a minute', 60);
    const { claims, unreadable, ...rest } = await login.finish(matched).catch((error: unknown) => {
      this.access.guesses.count(visit.address);
      throw error;
    });
    const stated = await this.directory.claims.state({
      ...rest,
      claims,
      unreadable,
      connectionId: to.connection.id,
      source: 'login',
      requestId: newId(),
    });
    const userName = stated.userId === null ? null : await this.userNameOf(to, stated.userId);
    return { stated, userName, claims, unreadable, statusUrl: await this.statusUrl(to, stated) };
  }

  /** How far it is with what a status link is about; undefined when its time is over. @throws DatabaseUnavailable */
  async status(to: OidcConnection, query: string): Promise<ShownStatus | undefined> {
    const link = new URLSearchParams(query).get('of') ?? '';
    const { id, version } = (await this.sealOf(to, 'status').open(link)) ?? {};
    if (typeof id !== 'string' || typeof version !== 'number') return undefined;
    const { outcome } = await this.directory.settlements.wait({ kind: 'user', id, version }, LOOK_MS);
    return { outcome, following: await this.directory.claims.following(id) };
  }

  private async statusUrl(to: OidcConnection, { userId, version }: StatedClaims): Promise<string | null> {
    if (userId === null || version === null) return null;
    const link = await this.sealOf(to, 'status').seal({ id: userId, version }, STATUS_SECONDS);
    return `status?of=${link}`;
  }

  private async userNameOf(to: OidcConnection, userId: string): Promise<string | null> {
    try {
      const { document } = await this.directory.users.get(to.connection.id, userId, false);
      const stated: unknown = JSON.parse(document);
      return isJsonObject(stated) && typeof stated['userName'] === 'string' ? stated['userName'] : userId;
    } catch (error) {
      // Deleted since; the claims are kept as those of nobody.
      if (error instanceof DirectoryError && error.code === 'notFound') return null;
      throw error;
    }
  }

  private loginOf(to: OidcConnection, { connection }: Visit): Login {
    const base = connection === null ? '' : `/connections/${connection}`;
    return new Login(to, `${this.publicUrl}${base}/oidc/callback`, this.sealOf(to, 'login'));
  }

  private cookieOf({ connection }: OidcConnection): LoginCookie {
    return new LoginCookie(connection.name, this.publicUrl);
  }

  private sealOf({ connection, config }: OidcConnection, purpose: string): Seal {
    const { clientSecret } = config;
    if (clientSecret === undefined)
      throw new Refusal(
        'not_found',
        'nobody can log in here: the provider is configured without a client secret',
      );
    return new Seal(clientSecret, `${purpose} ${connection.name}`, this.clock);
  }
}
