import type {
  CoderApiKey,
  CoderAuthMethods,
  CoderBuildInfo,
  CoderDeploymentConfig,
  CoderEntitlements,
  CoderGroupSync,
  CoderLicense,
  CoderOrganization,
  CoderOrganizationSync,
  CoderProvisionerDaemon,
  CoderReplica,
  CoderRoleSync,
  CoderUser,
  CoderWorkspaceProxy,
} from '../coder/index.js';

/** Why a probe has no value. */
export interface Unread {
  /**
   * `missing`: this version has no such operation; `gone`: it is not there, or hidden; `denied`: the token's roles do not
   * reach, or the licence; `token`: Coder refuses the token; `unknown`: no answer this time.
   */
  readonly why: 'missing' | 'gone' | 'denied' | 'token' | 'unknown';
  /** Without secrets. */
  readonly reason: string;
}

/** What Coder answered, or why it did not. */
export type Probe<T> = { readonly value: T } | { readonly unread: Unread };

/** Coder as looked at once, and nothing concluded yet. */
export interface Probes {
  /** Coder's clock, milliseconds since the epoch. */
  readonly now: number;
  readonly buildInfo: Probe<CoderBuildInfo>;
  readonly entitlements: Probe<CoderEntitlements>;
  readonly licenses: Probe<readonly CoderLicense[]>;
  readonly replicas: Probe<readonly CoderReplica[]>;
  /** The account of the token. */
  readonly self: Probe<CoderUser>;
  readonly key: Probe<CoderApiKey>;
  readonly authMethods: Probe<CoderAuthMethods>;
  readonly config: Probe<CoderDeploymentConfig>;
  readonly organization: Probe<CoderOrganization>;
  readonly groupSync: Probe<CoderGroupSync>;
  readonly roleSync: Probe<CoderRoleSync>;
  readonly organizationSync: Probe<CoderOrganizationSync>;
  readonly daemons: Probe<readonly CoderProvisionerDaemon[]>;
  readonly proxies: Probe<readonly CoderWorkspaceProxy[]>;
}

/** What the bridge is set to do, as far as Coder must be able to. */
export interface Expectations {
  /** Of new accounts. */
  readonly loginType: string;
  readonly newUserStatus: 'dormant' | 'active';
  /** What becomes of new users when the licence has no seat left. */
  readonly whenSeatsRunOut: 'dormant' | 'refuse';
  /** Whether any connection takes claims, by which the bridge carries out the same syncs; absent: none does. */
  readonly takesClaims?: boolean;
}

export type Result = 'ok' | 'warn' | 'fail';

/** One row of the readiness table. */
export interface Finding {
  /** A word: `version`, `seats`. */
  readonly check: string;
  readonly result: Result;
  /** One sentence. */
  readonly finding: string;
  /** What to do about it; none where all is well. */
  readonly advice?: string;
}

/** What follows from the probes. */
export interface Diagnosis {
  /** The worst of the findings. */
  readonly result: Result;
  readonly findings: readonly Finding[];
  /** Coder's clock, ISO 8601. */
  readonly at: string;
  readonly version?: string;
  /** Whether groups can be kept at all; null: that could not be read. */
  readonly groups: boolean | null;
  /** Seats of the licence; null: without a limit, or that could not be read. */
  readonly seats: Seats | null;
}

/** Active users, and how many the licence allows. */
export interface Seats {
  readonly limit: number;
  readonly used: number;
}

/** The value, where there is one. */
export function valueOf<T>(probe: Probe<T>): T | undefined {
  return 'value' in probe ? probe.value : undefined;
}

export const ok = (check: string, finding: string): Finding => ({ check, result: 'ok', finding });
export const warn = (check: string, finding: string, advice: string): Finding => ({
  check,
  result: 'warn',
  finding,
  advice,
});
export const fail = (check: string, finding: string, advice: string): Finding => ({
  check,
  result: 'fail',
  finding,
  advice,
});
