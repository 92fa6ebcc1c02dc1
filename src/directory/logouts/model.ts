/** Whom a provider logs out, as it names the person. */
export type LoggedOutPerson =
  | {
      readonly subject: string;
      /** Values that may equal the directory's externalId, where nothing was ever claimed of the subject. */
      readonly externalIds: readonly string[];
    }
  | { readonly email: string }
  /** A session of the provider's, of which nothing is known here. */
  | { readonly sessionId: string };

/** A logout, from a token that was verified. */
export interface Logout {
  readonly connectionId: string;
  readonly issuer: string;
  readonly person: LoggedOutPerson;
  /** The person was logged out by then: API tokens that are made later stay. */
  readonly at: Date;
  /** Where the policy has the API tokens revoked. */
  readonly revokesKeys: boolean;
  readonly requestId: string;
  readonly source: 'backchannel' | 'universal';
  /** `jti` of the token, and until when it is to be known again. */
  readonly token: { readonly id: string; readonly expiresAt: Date };
}

/** What became of a logout. */
export interface LoggedOut {
  /** Whether the directory has the person. */
  readonly known: boolean;
  /** The token was taken before; nothing was done. */
  readonly repeated: boolean;
}
