import type { Database } from '../../database/index.js';
import { connectionNames, findConnection } from '../connections.js';
import { listTokens, type TokenEntry } from './list.js';
import type { Tokens } from './tokens.js';

/** What was asked cannot be done, with the reason for people. */
export class TokenRefusal extends Error {
  constructor(
    readonly code: 'unknownConnection' | 'badLabel' | 'badExpiry' | 'unknownToken',
    message: string,
  ) {
    super(message);
    this.name = 'TokenRefusal';
  }
}

/** A token at the only time that it is shown. */
export interface NewToken {
  readonly id: string;
  readonly token: string;
  readonly connection: string;
  readonly label: string;
  readonly expiresAt: Date | null;
}

/** Longest life of a token that ends, days. */
const LONGEST_DAYS = 3_650;
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** When a token ends that lives for `90d`, `12h` or `30m` from now, or until a date; undefined for anything else. */
export function parseExpiry(text: string, now: number): Date | undefined {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const at =
    count !== undefined
      ? now + Number(count) * UNITS[unit as keyof typeof UNITS]
      : /^\d{4}-\d\d-\d\d(?:T[\d:.]{5,16}(?:Z|[+-]\d\d:\d\d))?$/.test(text)
        ? Date.parse(text)
        : Number.NaN;
  return at > now && at <= now + LONGEST_DAYS * UNITS.d ? new Date(at) : undefined;
}

/** Tokens as people handle them: by the names of connections. */
export class TokenAdmin {
  constructor(
    private readonly database: Database,
    private readonly tokens: Pick<Tokens, 'issue' | 'revoke'>,
  ) {}

  /**
   * Makes a token of a connection that is configured.
   *
   * @param expires `90d`, `12h`, a date; none: it does not end by itself
   * @throws TokenRefusal
   */
  async create(connection: string, label: string, expires?: string): Promise<NewToken> {
    const text = label.trim();
    if (!/^[^\p{Cc}]{1,100}$/u.test(text))
      throw new TokenRefusal('badLabel', 'The label is a text of 1 to 100 characters.');
    const expiresAt = expires === undefined ? null : parseExpiry(expires, Date.now());
    if (expiresAt === undefined) {
      throw new TokenRefusal(
        'badExpiry',
        `The end of a token is such as 90d, 12h or 2027-01-31: later than now, and within ${LONGEST_DAYS} days.`,
      );
    }
    const found = await findConnection(this.database, connection);
    if (found === undefined || found.retired) {
      const names = (await connectionNames(this.database)).join(', ');
      const there = names === '' ? 'There is none yet: start the bridge once.' : `The bridge has: ${names}.`;
      const what = found ? 'is configured no more' : 'does not exist';
      throw new TokenRefusal(
        'unknownConnection',
        `The connection ${connection.slice(0, 63)} ${what}. ${there}`,
      );
    }
    const { id, token } = await this.tokens.issue(found.id, text, expiresAt);
    return { id, token, connection: found.name, label: text, expiresAt };
  }

  /** Without tokens themselves: nobody can show them again. */
  list(connection?: string): Promise<TokenEntry[]> {
    return listTokens(this.database, connection);
  }

  /**
   * Ends a token. One that the configuration states comes back at the next start, unless it is taken out there.
   *
   * @throws TokenRefusal where no such token is alive
   */
  async revoke(id: string): Promise<void> {
    if (!(await this.tokens.revoke(id)))
      throw new TokenRefusal('unknownToken', 'There is no living token with this id.');
  }
}
