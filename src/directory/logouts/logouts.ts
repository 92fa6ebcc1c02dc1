import { fold } from '../../common/index.js';
import type { Database, Queryable } from '../../database/index.js';
import { appendJournalEntries } from '../../journal/index.js';
import type { JournalEntry } from '../../journal/index.js';
import type { WakeUp, WakeUps } from '../../queue/index.js';
import { DirectoryError } from '../model.js';
import type { Logouts } from '../ports.js';
import { dirtyMark, WAS_PUT_OFF } from '../push/dirty-mark.js';
import type { Marked } from '../push/dirty-mark.js';
import { wakeUp } from '../push/wake.js';
import { isStorable, MAX_INDEXED_LENGTH } from '../state/checks.js';
import type { LoggedOut, Logout } from './model.js';
import { usersOf } from './people.js';

/** Who acts, in the journal. */
const SOURCE = 'oidc';

/** {@link Logouts} over SQL: the row of the token serialises those who bring it. */
export class SqlLogouts implements Logouts {
  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
  ) {}

  async loggedOut(logout: Logout): Promise<LoggedOut> {
    checkTexts(logout);
    const { wakeUps, ...done } = await this.database.transaction((tx) => record(tx, logout));
    this.wakeUps.wake(wakeUps);
    return done;
  }
}

const TAKE = {
  name: 'logouts.take-token',
  text: `
INSERT INTO bridge.logout_tokens (connection_id, issuer, jti, known, expires_at)
VALUES ($1::uuid, $2::text, $3::text, $4::boolean, $5::timestamptz) ON CONFLICT DO NOTHING RETURNING known`,
};

const TAKEN = {
  name: 'logouts.taken-token',
  text: `SELECT known FROM bridge.logout_tokens WHERE connection_id = $1::uuid AND issuer = $2::text AND jti = $3::text`,
};

async function record(tx: Queryable, logout: Logout): Promise<LoggedOut & { readonly wakeUps: WakeUp[] }> {
  const users = await usersOf(tx, logout);
  const known = users.length > 0;
  const { connectionId, issuer, token, revokesKeys } = logout;
  const key = [connectionId, issuer, token.id];
  // Whoever brings the same token at the same time waits here for the first.
  const [taken] = await tx.query(TAKE, [...key, known, token.expiresAt]);
  if (!taken) {
    const [before] = await tx.query<{ known: boolean }>(TAKEN, key);
    return { known: before?.known ?? known, repeated: true, wakeUps: [] };
  }
  const entries: JournalEntry[] = [];
  const wakeUps: WakeUp[] = [];
  for (const userId of users) {
    const marked = revokesKeys ? await markKeys(tx, userId, logout.at) : null;
    if (marked) wakeUps.push(wakeUp('user', userId, { loss: true, putOff: marked.put_off }));
    entries.push(entryOf(logout, userId, marked?.desired ?? null));
  }
  await appendJournalEntries(tx, known ? entries : [entryOf(logout, null, null)]);
  return { known, repeated: false, wakeUps };
}

const MARK = {
  name: 'logouts.mark-keys',
  text: `
UPDATE bridge.targets t SET keys_until = greatest(t.keys_until, $2::timestamptz), ${dirtyMark('true')} WHERE t.id = $1::uuid
RETURNING t.desired, true AS marked, t.urgent, ${WAS_PUT_OFF} AS put_off`,
};

async function markKeys(tx: Queryable, userId: string, until: Date): Promise<Marked | null> {
  return (await tx.query<Marked>(MARK, [userId, until]))[0] ?? null;
}

function entryOf(logout: Logout, userId: string | null, version: number | null): JournalEntry {
  const { connectionId, issuer, person, at, requestId, source } = logout;
  return {
    connectionId,
    target: userId === null ? null : { kind: 'user', id: userId },
    source: SOURCE,
    action: 'user.loggedOut',
    version,
    requestId,
    facts: {
      by: source,
      issuer,
      at: at.toISOString(),
      known: userId !== null,
      revokesKeys: version !== null,
    },
    personal: { ...person },
  };
}

/** @throws DirectoryError invalidValue where something is too large, or cannot be stored */
function checkTexts({ issuer, person, token, at }: Logout): void {
  const named = Object.values(person).flat();
  for (const text of [issuer, token.id, ...named])
    if (text.length > MAX_INDEXED_LENGTH || !isStorable(text) || fold(text).length > MAX_INDEXED_LENGTH)
      throw new DirectoryError('invalidValue', 'something is too long, or cannot be stored', []);
  if (Number.isNaN(at.getTime())) throw new DirectoryError('invalidValue', 'iat is no time', ['iat']);
}

/** Removes what is known of tokens that nobody can show again. */
export async function forgetLogoutTokens(database: Queryable): Promise<void> {
  await database.query('DELETE FROM bridge.logout_tokens WHERE expires_at < now()');
}
