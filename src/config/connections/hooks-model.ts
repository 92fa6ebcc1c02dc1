/** What a claim that a hook does not bring means: `keep`: nothing, what was said of it before stays; `none`: the person has none. */
export type MissingClaims = 'keep' | 'none';

/** A hook whose caller shows a secret in a header. */
export interface SecretHook {
  /** Lower case. */
  readonly header: string;
  /** Any of them is good, so that they can be changed one after the other. */
  readonly secrets: readonly string[];
}

/** Okta's token inline hook. */
export interface OktaTokenHook extends SecretHook {
  readonly missing: MissingClaims;
}

/** Entra ID's custom claims provider. */
export interface EntraHook {
  /** `iss` of Entra's own token, exactly; `{tenantid}` stands for the tenant. */
  readonly issuer: string;
  /** Ids of the tenants that may call, lower case. */
  readonly tenants: readonly string[];
  /** `aud` is, or has, one of these: the application that the custom extension was registered with. */
  readonly audiences: readonly string[];
  /** None: by discovery from the issuer. */
  readonly jwksUri?: string;
}

/** A hook whose body is signed with a shared secret. */
export interface Webhook {
  /** Stands in the URL. */
  readonly name: string;
  readonly secrets: readonly string[];
  readonly missing: MissingClaims;
}

/** Ways by which the provider tells of logins and changes by itself. */
export interface HooksConfig {
  readonly oktaToken?: OktaTokenHook;
  readonly oktaEvents?: SecretHook;
  readonly entra?: EntraHook;
  readonly webhooks: readonly Webhook[];
}
