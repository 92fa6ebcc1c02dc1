import type { AccessRules } from '../../common/index.js';
import type { PolicyConfig } from '../policy.js';
import type { HooksConfig } from './hooks-model.js';
import type { IdpSyncConfig } from './idp-sync-model.js';

/** A token that the configuration states. */
export interface ConfiguredToken {
  /** For logs and lists: names the token, without being it. */
  readonly label: string;
  readonly token: string;
  readonly expiresAt?: Date;
}

/** A client of the token endpoint (RFC 6749 section 4.4). */
export interface OAuthClient {
  readonly id: string;
  /** Any of them is good, so that they can be changed one after the other. */
  readonly secrets: readonly string[];
}

/** Whose JWTs are taken for tokens, and what they must say. */
export interface JwtIssuer {
  /** For logs; the issuer's host, unless the file says otherwise. */
  readonly label: string;
  /** `iss`, exactly. */
  readonly issuer: string;
  /** `aud` is, or has, one of these. */
  readonly audiences: readonly string[];
  /** None: by discovery, from the issuer's `.well-known/openid-configuration`. */
  readonly jwksUri?: string;
  /** `alg` is one of these. */
  readonly algorithms: readonly string[];
  readonly clockSkewSeconds: number;
  /** How long keys serve that cannot be fetched again, hours. */
  readonly keysMaxAgeHours: number;
  /** Claims that a token must have with one of these values, besides. */
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

/** Microsoft Graph, for groups that are too many for a token of Entra ID. */
export interface GraphConfig {
  /** Base of its API, with the version and without a slash at the end. */
  readonly url: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whether only groups that grant access count, as in Entra's own default. */
  readonly securityEnabledOnly: boolean;
}

/** The OpenID provider of a connection, and what its ID tokens must say. */
export interface OidcConfig {
  /** `iss`, exactly. With `{tenantid}` in it (Entra ID): once for each of `tenants`. */
  readonly issuer: string;
  /** Ids of the tenants of Entra ID whose people count; empty where the issuer is one. */
  readonly tenants: readonly string[];
  /** None: nobody can log in here, tokens are only handed over. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** How the secret is sent; none: as the provider's discovery document says. */
  readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post';
  /** `aud` is, or has, one of these. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly clockSkewSeconds: number;
  /** How long keys serve that cannot be fetched again, hours. */
  readonly keysMaxAgeHours: number;
  /** Older tokens are refused though they are not expired, minutes since `iat`. */
  readonly maxAgeMinutes: number;
  /** `required`: whoever hands a token over names the nonce that it was asked for with. */
  readonly nonce: 'optional' | 'required';
  /** Asked for at a login. */
  readonly scopes: readonly string[];
  /** Claims that may hold the directory's externalId, best first. */
  readonly externalIdClaims: readonly string[];
  /** A list of exactly so many values may have been cut off there by the provider; absent: it does not. */
  readonly groupsCap?: number;
  /** Whether the userinfo endpoint is asked at a login. */
  readonly mergeUserinfo: boolean;
  readonly graph?: GraphConfig;
  /** None: the provider tells nothing by itself. */
  readonly hooks?: HooksConfig;
}

/** Requests of a connection: so many in a second on average, and so many at once. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** One identity provider, as the environment or the file of BRIDGE_CONFIG has it. */
export interface ConnectionConfig {
  /** Stands in the URL `/connections/{name}/scim/v2`. */
  readonly name: string;
  /** The name it had before: the data of that connection becomes this one's. */
  readonly formerly?: string;
  /** Name or id of the organization in Coder; none: CODER_ORGANIZATION, else the default one. */
  readonly organization?: string;
  /** Deviations from the standard that are accepted or not, by their names; what is not named is as it comes. */
  readonly dialects: Readonly<Record<string, boolean>>;
  readonly policy: PolicyConfig;
  /** What people have by their groups, and by the values of User.roles. */
  readonly rules: AccessRules;
  readonly tokens: readonly ConfiguredToken[];
  readonly oauth: { readonly tokenMinutes: number; readonly clients: readonly OAuthClient[] };
  readonly jwt: readonly JwtIssuer[];
  /** None: no claims are taken. */
  readonly oidc?: OidcConfig;
  /** What is otherwise than Coder's own settings of IdP sync; none: nothing. */
  readonly idpSync?: IdpSyncConfig;
  /** None: no limit. */
  readonly rateLimit?: RateLimit;
}
