import type { JsonObject, PersonSignal } from '../../common/index.js';
import { badToken } from '../refusal.js';
import { memberOf, objectAt, textAt } from './body.js';

const EVENT = 'microsoft.graph.authenticationEvent.tokenIssuanceStart';

/**
 * The one answer to Entra ID. The bridge adds no claims, but what is not answered as this keeps the person from logging in.
 */
export const NO_CLAIMS = {
  data: {
    '@odata.type': 'microsoft.graph.onTokenIssuanceStartResponseData',
    actions: [{ '@odata.type': 'microsoft.graph.tokenIssuanceStart.provideClaimsForToken', claims: {} }],
  },
} as const;

/**
 * Who logs in, as Entra ID tells it. There are no groups in it.
 *
 * @param tenant that the caller's token is of
 * @returns null where it names nobody, or is another event
 * @throws Refusal invalid_token where it is about another tenant
 */
export function readEntraEvent(body: JsonObject, tenant: string): Omit<PersonSignal, 'requestId'> | null {
  const data = objectAt(body, 'data');
  if (textAt(data, 'tenantId')?.toLowerCase() !== tenant)
    throw badToken('the event is of another tenant than the token');
  if (memberOf(body, 'type') !== EVENT) return null;
  const context = objectAt(data, 'authenticationContext');
  const user = objectAt(context, 'user');
  const [externalId, ...names] = [
    textAt(user, 'id'),
    textAt(user, 'userPrincipalName'),
    textAt(user, 'mail'),
  ] as const;
  const known = names.filter((name) => name !== null);
  if (externalId === null && known.length === 0) return null;
  return {
    hook: 'entra',
    event: 'tokenIssuanceStart',
    eventId: textAt(context, 'correlationId'),
    at: null,
    externalId,
    names: [...new Set(known)],
  };
}
