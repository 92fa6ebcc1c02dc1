import { fold } from '../../common/index.js';
import type { PersonSignal } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';
import { appendJournalEntries } from '../../journal/index.js';
import type { JournalEntry } from '../../journal/index.js';
import type { WakeUp } from '../../queue/index.js';
import { dirtyMark, WAS_PUT_OFF } from '../push/dirty-mark.js';
import { wakeUp } from '../push/wake.js';

/** Who acts, in the journal. */
const SOURCE = 'hook';

interface FoundUser {
  readonly id: string;
  readonly external_id: string | null;
  readonly user_name_key: string;
  readonly email_key: string | null;
}

interface RaisedUser {
  readonly id: string;
  readonly desired: number;
  readonly urgent: boolean;
  readonly put_off: boolean;
}

/** Users of one turn: an address that everybody has would raise everybody. */
const MOST_USERS = 1_000;

// Each by its own index, as the candidates of a tie.
const NAMED = {
  name: 'claims.named',
  text: `
SELECT u.id, u.external_id, u.user_name_key, u.email_key FROM bridge.users u
 WHERE u.external_id = ANY($2::text[]) AND u.connection_id = $1::uuid AND u.deleted_at IS NULL
UNION
SELECT u.id, u.external_id, u.user_name_key, u.email_key FROM bridge.users u
 WHERE u.user_name_key = ANY($3::text[]) AND u.connection_id = $1::uuid AND u.deleted_at IS NULL
UNION
SELECT u.id, u.external_id, u.user_name_key, u.email_key FROM bridge.users u
 WHERE u.email_key = ANY($3::text[]) AND u.connection_id = $1::uuid AND u.deleted_at IS NULL
 LIMIT ${MOST_USERS}`,
};

// Locked in one order, as two events may name the same people.
const RAISE = {
  name: 'claims.raise-named',
  text: `
WITH named AS MATERIALIZED (
  SELECT l.id FROM bridge.targets l WHERE l.id = ANY($1::uuid[]) ORDER BY l.id FOR NO KEY UPDATE)
UPDATE bridge.targets t SET ${dirtyMark('false')} FROM named WHERE t.id = named.id
RETURNING t.id, t.desired, t.urgent, ${WAS_PUT_OFF} AS put_off`,
};

/** Raises whom the signals name, and journals each signal: within one transaction. @returns whom to wake after it */
export async function raiseNamed(
  tx: Queryable,
  connectionId: string,
  signals: readonly PersonSignal[],
): Promise<WakeUp[]> {
  const ids = signals.flatMap(({ externalId }) => externalId ?? []);
  const names = signals.flatMap(keysOf);
  const found = await tx.query<FoundUser>(NAMED, [connectionId, ids, names]);
  const meant = signals.map((signal) => ({ signal, users: usersOf(signal, found) }));
  const raised = new Map<string, RaisedUser>();
  const all = [...new Set(meant.flatMap(({ users }) => users))];
  if (all.length > 0) for (const row of await tx.query<RaisedUser>(RAISE, [all])) raised.set(row.id, row);
  await appendJournalEntries(
    tx,
    meant.flatMap(({ signal, users }) =>
      users.length === 0
        ? [entryOf(connectionId, signal, null)]
        : users.map((id) => entryOf(connectionId, signal, { id, version: raised.get(id)?.desired ?? null })),
    ),
  );
  return [...raised.values()].map(({ id, urgent, put_off: putOff }) =>
    wakeUp('user', id, { loss: urgent, putOff }),
  );
}

/** The user of the provider's id; where nobody has it, whoever has the name or address. To compare somebody in vain does no harm. */
function usersOf(signal: PersonSignal, found: readonly FoundUser[]): string[] {
  const byId = found.filter((user) => signal.externalId !== null && user.external_id === signal.externalId);
  const keys = keysOf(signal);
  const users =
    byId.length > 0
      ? byId
      : found.filter(
          ({ user_name_key: name, email_key: email }) =>
            keys.includes(name) || (email !== null && keys.includes(email)),
        );
  return users.map(({ id }) => id);
}

function keysOf({ names }: PersonSignal): string[] {
  return names.map(fold);
}

function entryOf(
  connectionId: string,
  { hook, event, eventId, at, requestId, externalId, names }: PersonSignal,
  user: { readonly id: string; readonly version: number | null } | null,
): JournalEntry {
  return {
    connectionId,
    target: user && { kind: 'user', id: user.id },
    source: SOURCE,
    action: 'hook.received',
    version: user?.version ?? null,
    requestId,
    facts: { hook, event, eventId, at: at?.toISOString() ?? null },
    personal: { externalId, names },
  };
}
