import type { ClaimedPerson, ClaimsStatement } from '../../common/index.js';
import { checkStatement } from './checks.js';
import type { SubjectRow } from './subjects.js';

const MOST_IDS = 16;

/**
 * A partial statement with what it leaves out taken from the last one; a whole one is its own. What is recorded is always
 * whole, so that nobody has to put it together afterwards.
 *
 * @throws DirectoryError invalidValue where all of it together is too large
 */
export function wholeOf(statement: ClaimsStatement, row: SubjectRow): ClaimsStatement {
  if (statement.partial !== true) return statement;
  const { claims, unreadable, person } = statement;
  const isNamed = ([name]: readonly [string, unknown]): boolean =>
    Object.hasOwn(claims, name) || Object.hasOwn(unreadable, name);
  const left = <T>(before: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(before).filter((entry) => !isNamed(entry)));
  const whole = {
    ...statement,
    claims: { ...left(row.claims), ...claims },
    unreadable: { ...left(row.unreadable), ...unreadable },
    person: personWith(person, row),
  };
  checkStatement(whole);
  return whole;
}

/** An address that was verified stays so while it is the same. */
function personWith(person: ClaimedPerson, row: SubjectRow): ClaimedPerson {
  const isSame = person.email === null || person.email === row.email;
  return {
    externalIds: [...new Set([...person.externalIds, ...row.external_ids])].slice(0, MOST_IDS),
    email: person.email ?? row.email,
    emailVerified: person.emailVerified || (isSame && row.email_key !== null),
    userName: person.userName ?? row.user_name,
    name: person.name ?? row.full_name,
  };
}
