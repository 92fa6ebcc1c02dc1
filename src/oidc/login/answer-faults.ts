import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { Refusal, unavailable } from '../refusal.js';

/** oauth4webapi's names for answers that were had, and are not what they must be. */
const UNUSABLE = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_PARSE_ERROR',
  'OAUTH_UNSUPPORTED_OPERATION',
]);

/** Why the provider's answer, or its token endpoint's, ends the login. Errors of RFC 6749 are named; texts of the answer are not. */
export function answerFault(error: unknown): Refusal {
  if (error instanceof AuthorizationResponseError)
    return new Refusal('invalid_request', `the provider did not log you in (${nameOf(error.error)})`);
  if (error instanceof ResponseBodyError)
    return error.error === 'invalid_grant'
      ? new Refusal('invalid_request', 'the code was used already, or has expired; begin anew')
      : unavailable(`the provider gives the bridge no token (${nameOf(error.error)})`, error);
  if (error instanceof ClientError && UNUSABLE.has(error.code ?? ''))
    return new Refusal('invalid_request', `the provider's answer cannot be used${detailOf(error)}`);
  return unavailable('the OpenID provider cannot be reached now; try again', error);
}

/** The library's own words: they name the parameter or claim, and not its value. */
function detailOf({ cause }: ClientError): string {
  return cause instanceof Error ? `: ${cause.message}` : '';
}

/** RFC 6749 section 4.1.2.1: printable ASCII without quotes. */
function nameOf(error: string): string {
  return /^[a-z_]{1,64}$/.test(error) ? error : 'an error without a name';
}
