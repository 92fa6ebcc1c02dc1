/** Where a fact comes from. */
export interface FactSource {
  readonly by: 'connection' | 'scim' | 'rule' | 'claims';
  /** For people: `SCIM group "Eng"`, `claim "groups", value "eng": the group of this name`. */
  readonly because: string;
  /** When it was stated, ISO 8601; null: not known. */
  readonly at: string | null;
}

/** A membership or a role of a person, stated or seen. */
export interface ExplainedFact {
  readonly kind: 'organization' | 'group' | 'siteRole' | 'organizationRole';
  /** As Coder has it; of what Coder does not have, as it was stated. */
  readonly name: string;
  /** The organization's name; null: of the site, or an organization itself. */
  readonly organization: string | null;
  /** Null: Coder could not be asked, as there is no account. */
  readonly inCoder: boolean | null;
  /** None: nobody states it. */
  readonly sources: readonly FactSource[];
  /** Why it is not there though it is stated, or there though it is not. Null: it is as it should be. */
  readonly why: string | null;
}

/** What the claims of one subject came to nothing by. */
export interface ExplainedNothing {
  readonly of: 'organizations' | 'groups' | 'organizationRoles' | 'siteRoles';
  readonly organization: string | null;
  /** Null: the whole part. */
  readonly value: string | null;
  readonly why: string;
}

/** What a person has in Coder, and why. */
export interface Explanation {
  readonly user: {
    readonly id: string;
    readonly connection: string;
    readonly userName: string;
    readonly active: boolean;
    readonly deleted: boolean;
    /** Username and status in Coder; null: no account. */
    readonly account: { readonly id: string; readonly username: string; readonly status: string } | null;
  };
  readonly state: 'applied' | 'pending' | 'failed' | 'held' | 'paused';
  /** Of a failure, for people. */
  readonly detail: string | null;
  readonly facts: readonly ExplainedFact[];
  /** Whose claims count. */
  readonly claims: readonly {
    readonly issuer: string;
    readonly issuedAt: string;
    /** Claims that could not be read, with the reason. */
    readonly unreadable: Readonly<Record<string, string>>;
  }[];
  readonly nothing: readonly ExplainedNothing[];
}
