/** Who a presented token belongs to. */
export interface TokenHolder {
  readonly connectionId: string;
  /** For logs: names the token, without being it. */
  readonly label: string;
  /** Names of the switchable dialects that the connection asks for; none where absent. */
  readonly dialects?: readonly string[];
}

/** What this room needs of the connections: whether a token is good, in a time that tells nothing of its value. */
export interface TokenCheck {
  /** @throws DatabaseUnavailable */
  check(presented: string): Promise<TokenHolder | null>;
}

/** Injection token of the {@link TokenCheck}. */
export const TOKEN_CHECK = Symbol('TOKEN_CHECK');
