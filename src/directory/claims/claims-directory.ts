import { newId } from '../../common/index.js';
import type { ClaimsStatement, PersonSignal, StatedClaims } from '../../common/index.js';
import { UniqueViolation } from '../../database/index.js';
import type { Database, Queryable } from '../../database/index.js';
import { appendJournalEntries } from '../../journal/index.js';
import type { JournalEntry } from '../../journal/index.js';
import type { WakeUp, WakeUps } from '../../queue/index.js';
import type { ClaimsDirectory } from '../ports.js';
import { retryFailed } from '../push/dirty-mark.js';
import { wakeUp } from '../push/wake.js';
import { checkSignals, checkStatement } from './checks.js';
import { NO_CLAIMED_USERS } from './claimed-users.js';
import type { ClaimedUsers } from './claimed-users.js';
import { changedClaims, losesValues } from './comparing.js';
import { tieOrCreate } from './creating.js';
import { wholeOf } from './partial.js';
import { followingOf } from './following.js';
import type { Following } from './following.js';
import { raiseNamed } from './signals.js';
import { lockSubject, markUser, personOf, seeSubject, stateSubject, tieSubject } from './subjects.js';
import type { SubjectRow } from './subjects.js';
import type { Tie } from './ties.js';
import { SOURCE, noteEntry, notedAs, tieAllKept, tieEntry, tieKept } from './tying.js';

/** Of a statement that others got in the way of. */
const MOST_TRIES = 3;

interface Recorded {
  readonly stated: StatedClaims;
  readonly subjectId: string;
  readonly wakeUps: readonly WakeUp[];
}

/** {@link ClaimsDirectory} over SQL: the subject's row serialises what is said of it. */
export class SqlClaimsDirectory implements ClaimsDirectory {
  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
    private readonly claimed: Pick<ClaimedUsers, 'mayCreate'> = NO_CLAIMED_USERS,
  ) {}

  async state(statement: ClaimsStatement): Promise<StatedClaims> {
    checkStatement(statement);
    const mayCreate = await this.claimed.mayCreate(statement.connectionId);
    const recorded = await this.recorded(statement, mayCreate);
    this.wakeUps.wake(recorded.wakeUps);
    const { stated, subjectId } = recorded;
    if (stated.userId !== null || stated.outcome === 'older') return stated;
    // A user that was being committed at the very moment was not seen, and the user's first run may not have seen the claims.
    const tied = await tieKept(this.database, this.wakeUps, subjectId);
    return tied ? { outcome: stated.outcome, ...tied } : stated;
  }

  private async recorded(statement: ClaimsStatement, mayCreate: boolean): Promise<Recorded> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.database.transaction((tx) => record(tx, statement, mayCreate));
      } catch (error) {
        // Somebody else took the name or the externalId at the very moment, and is there by now.
        if (!(error instanceof UniqueViolation) || tries >= MOST_TRIES) throw error;
      }
    }
  }

  async compareAnew(connectionId: string, signals: readonly PersonSignal[]): Promise<void> {
    if (signals.length === 0) return;
    checkSignals(signals);
    this.wakeUps.wake(await this.database.transaction((tx) => raiseNamed(tx, connectionId, signals)));
  }

  following(userId: string): Promise<Following> {
    return followingOf(this.database, userId);
  }

  tieKept(): Promise<number> {
    return tieAllKept(this.database, this.wakeUps);
  }
}

async function record(tx: Queryable, stated: ClaimsStatement, mayCreate: boolean): Promise<Recorded> {
  const { row, isNew } = await lockSubject(tx, newId(), stated);
  const statement = wholeOf(stated, row);
  if (statement.issuedAt.getTime() < row.issued_at.getTime()) {
    const { user_id: userId, tied_by: tiedBy, desired: version } = row;
    return { stated: { outcome: 'older', userId, tiedBy, version }, subjectId: row.id, wakeUps: [] };
  }
  const said = { ...row, ...personOf(statement) };
  const tie = await tieOrCreate(tx, said, mayCreate, statement.requestId);
  const changed = changedClaims(row.claims, statement.claims);
  const unreadable = changedClaims(row.unreadable, statement.unreadable);
  const same = changed.length + unreadable.length === 0 && samePerson(row, said);
  if (same && !tie.made && !isNew) return unchanged(tx, row, statement, tie);

  await stateSubject(tx, row.id, statement);
  await tieSubject(tx, row.id, tie, notedAs(tie));
  const matters = tie.made || changed.length + unreadable.length > 0;
  const loss = losesValues(row.claims, statement);
  const marked = tie.userId !== null && matters ? await markUser(tx, tie.userId, loss) : null;
  const version = marked?.desired ?? row.desired;
  const entries: JournalEntry[] = [
    statedEntry(row, statement, tie, changed, loss, version),
    ...(tie.made ? [tieEntry(row, tie, version, statement.requestId)] : []),
    ...noteEntry(row, tie, statement.requestId),
  ];
  await appendJournalEntries(tx, entries);
  return {
    stated: { outcome: 'recorded', userId: tie.userId, tiedBy: tie.by, version },
    subjectId: row.id,
    wakeUps:
      tie.userId !== null && marked ? [wakeUp('user', tie.userId, { loss, putOff: marked.put_off })] : [],
  };
}

/** The same is said again: of somebody who is failed, the work is tried again, as with any push. */
async function unchanged(
  tx: Queryable,
  row: SubjectRow,
  statement: ClaimsStatement,
  tie: Tie,
): Promise<Recorded> {
  await seeSubject(tx, row, statement, notedAs(tie));
  await appendJournalEntries(tx, noteEntry(row, tie, statement.requestId));
  const { userId, by: tiedBy } = tie;
  const retried = userId === null ? null : await retryFailed(tx, userId);
  const version = retried?.desired ?? row.desired;
  return {
    stated: { outcome: 'unchanged', userId, tiedBy, version },
    subjectId: row.id,
    wakeUps:
      userId !== null && retried
        ? [wakeUp('user', userId, { loss: retried.urgent, putOff: retried.put_off })]
        : [],
  };
}

function samePerson(left: SubjectRow, right: SubjectRow): boolean {
  const told = ({
    external_ids: ids,
    email,
    email_key: key,
    user_name: userName,
    full_name: name,
  }: SubjectRow) => JSON.stringify([ids, email, key, userName, name]);
  return told(left) === told(right);
}

/** Names of claims are no secret; who somebody is, and what is said of them, can be erased. */
function statedEntry(
  row: SubjectRow,
  { requestId, source, subject, issuer, claims, unreadable, person }: ClaimsStatement,
  tie: Tie,
  changed: readonly string[],
  loss: boolean,
  version: number | null,
): JournalEntry {
  const values = Object.fromEntries(
    changed.filter((name) => Object.hasOwn(claims, name)).map((name) => [name, claims[name] ?? null]),
  );
  return {
    connectionId: row.connection_id,
    target: tie.userId === null ? null : { kind: 'user', id: tie.userId },
    source: SOURCE,
    action: 'claims.stated',
    version,
    requestId,
    facts: {
      by: source,
      subject: row.id,
      issuer,
      changed,
      gone: changed.filter((name) => !Object.hasOwn(claims, name)),
      unreadable: { ...unreadable },
      loss,
    },
    personal: { subject, email: person.email, userName: person.userName, name: person.name, claims: values },
  };
}
