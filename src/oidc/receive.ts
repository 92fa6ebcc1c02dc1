import { isJsonObject, newId, type StatedClaims } from '../common/index.js';
import type { Access } from '../connections/index.js';
import type { ClaimsDirectory } from '../directory/index.js';
import type { OidcConnection } from './oidc-connections.js';
import type { Presented } from './read/claim-reader.js';
import type { Unreadable } from './read/overage.js';
import { Refusal } from './refusal.js';
import { counted, judged, tooMany } from './slowing.js';

/** What the answer says of handed-over claims. */
export interface ReceivedClaims {
  readonly outcome: StatedClaims['outcome'];
  /** Whether the subject is tied to a user of the directory. */
  readonly tied: boolean;
  readonly tiedBy: StatedClaims['tiedBy'];
  /** The user's version whose arrival in Coder shows the claims there. */
  readonly version: number | null;
  /** Claims that the provider has and that could not be had; what they said before stays. */
  readonly unreadable?: Unreadable;
}

/** `POST /oidc/claims`: tokens in, a statement to the directory. Whoever has a good token may hand it over. */
export class ClaimsReceiver {
  constructor(
    private readonly directory: Pick<ClaimsDirectory, 'state'>,
    private readonly access: Pick<Access, 'guesses' | 'countRequest'>,
  ) {}

  /** @throws Refusal, DatabaseUnavailable */
  async receive(to: OidcConnection, body: unknown, address: string): Promise<ReceivedClaims> {
    const presented = presentedOf(body);
    // What an access token is worth only the provider knows: it is not asked for whoever guesses.
    if (presented.idToken === undefined && this.access.guesses.isSuspect(address)) throw this.slowed(address);
    const statement = await judged(this.access, address, to.reader.read(presented));
    counted(this.access, to.connection);
    const { outcome, userId, tiedBy, version } = await this.directory.state({
      ...statement,
      connectionId: to.connection.id,
      source: 'token',
      requestId: newId(),
    });
    const { unreadable } = statement;
    return {
      outcome,
      tied: userId !== null,
      tiedBy,
      version,
      ...(Object.keys(unreadable).length === 0 ? {} : { unreadable }),
    };
  }

  private slowed(address: string): Refusal {
    return tooMany('too many bad tokens', this.access.guesses.count(address));
  }
}

function presentedOf(body: unknown): Presented {
  if (!isJsonObject(body))
    throw new Refusal('invalid_request', 'expected a JSON object with id_token, or access_token, or both');
  const { id_token: idToken, access_token: accessToken, nonce } = body;
  return {
    ...textOf('id_token', idToken, (text) => ({ idToken: text })),
    ...textOf('access_token', accessToken, (text) => ({ accessToken: text })),
    ...textOf('nonce', nonce, (text) => ({ nonce: text })),
  };
}

function textOf<T>(name: string, value: unknown, of: (text: string) => T): T | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new Refusal('invalid_request', `expected ${name} to be a text`);
  return of(value);
}
