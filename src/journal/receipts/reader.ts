import type { Queryable } from '../../database/index.js';
import { NoReceipt, type Receipt } from './model.js';
import { findPerson, type PersonRow } from './people.js';
import { receiptOf, type Evidence } from './receipt.js';
import { readEffects, readGroupLosses, readPushes, type EntryRow } from './rows.js';

/**
 * How a person's access ended, the last time it did, and how it came back since.
 *
 * @param name id, userName, externalId or email; also of who was deleted
 * @param connection its name; null: any
 * @throws NoReceipt, with the reason for people
 */
export async function readReceipt(
  database: Queryable,
  name: string,
  connection: string | null,
): Promise<Receipt> {
  const people = await findPerson(database, name, connection);
  const pushes = await readPushes(
    database,
    people.map(({ id }) => id),
  );
  const last = pushes.findIndex(endsAccess);
  const left = pushes[last];
  const person = people.find(({ id }) => id === left?.targetId);
  if (!left || !person) {
    const [{ userName, connection: where } = { userName: name, connection: connection ?? '' }] = people;
    const message = `Nothing to show: ${userName} of the connection ${where} has not been deactivated or deleted by it.`;
    throw new NoReceipt('neverLeft', message);
  }
  const leaving = leavingOf(pushes.slice(last), person.id);
  const [first = left] = leaving;
  const back = await returning(database, people, pushes.slice(0, last));
  const until = back?.push ?? null;
  // A successor's entries are not the target's own.
  const effects = await readEffects(
    database,
    person.id,
    first.id,
    until?.targetId === person.id ? until.id : null,
  );
  const coderId = person.coderId ?? coderIdOf(effects);
  const groups = await readGroupLosses(database, person.id, first, until?.at ?? null, coderId);
  return receiptOf({ person, pushes: leaving, effects, groups, back });
}

const endsAccess = ({ action }: EntryRow): boolean =>
  action === 'user.deactivated' || action === 'user.deleted';

/** The pushes, newest first, back to when the person still had access; answered oldest first. */
function leavingOf(pushes: readonly EntryRow[], id: string): EntryRow[] {
  const own = pushes.filter(({ targetId }) => targetId === id);
  const before = own.findIndex((push) => !endsAccess(push));
  return (before < 0 ? own : own.slice(0, before)).toReversed();
}

/** The first push since that gave access again. */
async function returning(
  database: Queryable,
  people: readonly PersonRow[],
  since: readonly EntryRow[],
): Promise<Evidence['back']> {
  const push = since.findLast((one) => !endsAccess(one));
  const person = people.find(({ id }) => id === push?.targetId);
  if (!push || !person) return null;
  return { push, person, effects: await readEffects(database, person.id, push.id, null) };
}

function coderIdOf(effects: readonly EntryRow[]): string | null {
  const found: unknown = effects.find(({ facts }) => typeof facts['coderId'] === 'string')?.facts['coderId'];
  return typeof found === 'string' ? found : null;
}
