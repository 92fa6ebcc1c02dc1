import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  type PersonSignal,
} from '../../common/index.js';
import { memberOf, objectAt, textAt, timeAt, unusable } from './body.js';

/** Kinds of events after which a person may have other access. */
const KNOWN = [
  'user.lifecycle.',
  'user.account.',
  'user.session.',
  'group.user_membership.',
  'application.user_membership.',
];
const MOST_EVENTS = 1_000;
const LONGEST_CHALLENGE = 1_024;

/** An event, and whom it is about. */
export interface OktaEvent {
  readonly uuid: string;
  readonly outcome: 'taken' | 'unknown' | 'ignored';
  readonly signals: readonly Omit<PersonSignal, 'requestId'>[];
}

/**
 * The events that Okta's event hook brings, in the order of their times. Those that came to nothing at Okta are ignored, and those
 * of unknown kinds.
 *
 * @throws Refusal invalid_request
 */
export function readOktaEvents(body: JsonObject): OktaEvent[] {
  const events = memberOf(objectAt(body, 'data'), 'events');
  if (!isJsonArray(events) || events.length > MOST_EVENTS)
    throw unusable(`expected data.events, a list of at most ${MOST_EVENTS}`);
  return events.map((event) => read(event)).toSorted((one, other) => timeOf(one) - timeOf(other));
}

/**
 * What answers Okta's one-time verification.
 *
 * @throws Refusal invalid_request
 */
export function verificationOf(challenge: string | readonly string[] | undefined): { verification: string } {
  if (typeof challenge !== 'string' || challenge === '' || challenge.length > LONGEST_CHALLENGE)
    throw unusable(
      `expected the header X-Okta-Verification-Challenge, of at most ${LONGEST_CHALLENGE} characters`,
    );
  return { verification: challenge };
}

function read(event: Json): OktaEvent {
  if (!isJsonObject(event)) throw unusable('an event is no object');
  const [uuid, type] = [textAt(event, 'uuid'), textAt(event, 'eventType')];
  if (uuid === null || type === null) throw unusable('an event has no uuid, or no eventType');
  if (!KNOWN.some((kind) => type.startsWith(kind))) return { uuid, outcome: 'unknown', signals: [] };
  if (memberOf(objectAt(event, 'outcome'), 'result') !== 'SUCCESS')
    return { uuid, outcome: 'ignored', signals: [] };
  const at = timeAt(event, 'published');
  // The actor is whoever did it: an administrator, or Okta itself.
  const target = memberOf(event, 'target');
  const users = (isJsonArray(target) ? target : [])
    .filter((one) => isJsonObject(one))
    .filter((one) => memberOf(one, 'type') === 'User');
  const signals = users.map((user) => {
    const name = textAt(user, 'alternateId');
    return {
      hook: 'okta-events',
      event: type,
      eventId: uuid,
      at,
      externalId: textAt(user, 'id'),
      names: name === null ? [] : [name],
    };
  });
  return { uuid, outcome: signals.length > 0 ? 'taken' : 'ignored', signals };
}

function timeOf({ signals: [first] }: OktaEvent): number {
  return first?.at?.getTime() ?? 0;
}
