import { errors } from 'jose';
import { IssuerUnavailable } from '../../connections/index.js';
import { badToken, Refusal, unavailable } from '../refusal.js';

const KEYS_AWAY =
  "the provider's keys cannot be had now, so that nobody can say whether the token is good; try again";

/** What a claim that failed its check means, in words without the claim's value. */
const CHECKS: Readonly<Record<string, string>> = {
  iss: 'the token is of another issuer',
  aud: 'the token is for another audience',
  exp: 'the token has expired',
  nbf: 'the token is not valid yet',
  iat: 'the token was issued in the future',
};

/** What kept a token from being verified, as a refusal; whatever is unknown is a bad token too. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof IssuerUnavailable) return unavailable(KEYS_AWAY, error);
  if (error instanceof errors.JWTExpired)
    return badToken(
      error.claim === 'iat' ? 'the token is too old, though it has not expired' : 'the token has expired',
    );
  if (error instanceof errors.JWTClaimValidationFailed) return badToken(claimFault(error));
  if (error instanceof errors.JOSEAlgNotAllowed)
    return badToken('the token is signed by an algorithm that is not accepted');
  if (error instanceof errors.JWKSNoMatchingKey)
    return badToken('the token is signed with a key that the provider does not publish');
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return badToken('the token does not name its key, and the provider has several');
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return badToken("the token's signature is not the provider's");
  return badToken('the token cannot be read');
}

function claimFault({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `the token has no ${claim}`;
  if (reason === 'invalid') return `the token has an unusable ${claim}`;
  return CHECKS[claim] ?? `the token has another ${claim} than is accepted`;
}
