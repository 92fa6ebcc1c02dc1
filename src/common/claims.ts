import type { JsonObject } from './json.js';

/** One reading of a person's claims, normalised by the face; nothing in it is trusted that was not signed. */
export interface ClaimsStatement {
  readonly connectionId: string;
  readonly issuer: string;
  readonly subject: string;
  /** `iat` of the token (or the event's time): a statement older than the last one recorded of that subject is ignored. */
  readonly issuedAt: Date;
  readonly source: 'token' | 'login' | 'hook';
  readonly requestId: string;
  /**
   * Top-level claims as they came (an ID token's, merged with userinfo's), without the protocol's own (iss, aud, exp, iat,
   * nbf, nonce, at_hash, ...). At most 64 KB of JSON.
   */
  readonly claims: JsonObject;
  /** It names some claims only: what was said of the others, and of who the person is, stays. */
  readonly partial?: boolean;
  /** Claims that exist at the IdP and could not be had (Entra's overage): name -> reason for people. Never read as "none". */
  readonly unreadable: Readonly<Record<string, string>>;
  readonly person: ClaimedPerson;
}

/** Who the claims are about, by what a directory may know of them. */
export interface ClaimedPerson {
  /** Values that may equal the directory's externalId (oid, sub, a configured claim), best first. */
  readonly externalIds: readonly string[];
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly userName: string | null;
  readonly name: string | null;
}

/** What became of a statement. */
export interface StatedClaims {
  readonly outcome: 'recorded' | 'unchanged' | 'older';
  /** The directory user the subject is tied to; null: nobody yet, the claims are kept until the person appears. */
  readonly userId: string | null;
  readonly tiedBy: 'externalId' | 'email' | null;
  /** The target's version whose settling shows it in Coder; null without a user. */
  readonly version: number | null;
}

/** Something happened to a person at the provider. It says nothing of what the person has: a reason to compare that with Coder anew. */
export interface PersonSignal {
  /** By which way it came, e.g. `okta-events`. */
  readonly hook: string;
  /** As the provider calls it. */
  readonly event: string;
  /** The provider's id of it, if it has one. */
  readonly eventId: string | null;
  readonly at: Date | null;
  readonly requestId: string;
  /** The provider's id of the person, which may be the directory's externalId. */
  readonly externalId: string | null;
  /** Where nobody has that: what may be the userName or the address. */
  readonly names: readonly string[];
}

/** Tells one group that claims call for from another: by Coder's id, or where it is to be made by its place and name. */
export function claimedKey(group: {
  readonly coderId: string | null;
  readonly organizationId: string;
  readonly name: string;
}): string {
  return group.coderId ?? `${group.organizationId}/${group.name}`;
}
