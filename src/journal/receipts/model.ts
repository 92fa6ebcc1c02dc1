/** What a step did: to the account, to what hangs on it, or to a group in Coder. */
export type ReceiptStepName =
  | 'suspend'
  | 'revokeToken'
  | 'stopWorkspace'
  | 'listTokens'
  | 'listWorkspaces'
  | 'takeRoles'
  | 'leaveOrganization'
  | 'leaveGroup'
  | 'deleteAccount'
  /** The whole, where it is not one of the steps that failed or waits. */
  | 'reconcile';

/**
 * `none`: there was nothing to do. `refused`: Coder did not let it be done, and it is not tried again by itself. `failed`: given up
 * until the next change or full sync. `held`: it waits for a person.
 */
export type StepOutcome = 'done' | 'none' | 'refused' | 'waiting' | 'failed' | 'held';

export interface ReceiptStep {
  readonly step: ReceiptStepName;
  /** Id of a token, workspace or organization, names of roles, or the name of a group. */
  readonly subject: string | null;
  readonly outcome: StepOutcome;
  /** When Coder had done it, or refused it. ISO 8601, as all times. */
  readonly at: string | null;
  /** Since the push before it, milliseconds. */
  readonly ms: number | null;
  /** Of a workspace: when it was seen down. */
  readonly seenAt?: string;
  /** Coder's answer to what it refused; null: it did not answer, but hides it. */
  readonly status?: number | null;
  readonly reason?: string;
}

/** What the identity provider pushed. */
export interface ReceiptPush {
  readonly at: string;
  /** `user.deactivated`, `user.deleted`, `user.activated` or `user.created`. */
  readonly action: string;
  /** Who pushed: `scim`. */
  readonly source: string;
  readonly requestId: string | null;
  readonly version: number | null;
}

/** The worst of the steps; `superseded`: access came back before all of it had ended. */
export type Verdict = 'complete' | 'ongoing' | 'held' | 'failed' | 'refused' | 'superseded';

/** Access that was given again after it had ended. */
export interface ReceiptReturn {
  readonly push: ReceiptPush;
  readonly outcome: Exclude<StepOutcome, 'refused' | 'none'>;
  readonly at: string | null;
  readonly ms: number | null;
  /** What was taken and stays away: the person makes new tokens, and starts the workspaces. */
  readonly notRestored: { readonly tokens: number; readonly workspaces: number };
  readonly reason?: string;
}

/** How somebody's access ended: from the push to the last effect. */
export interface Receipt {
  readonly user: {
    readonly id: string;
    readonly userName: string;
    readonly connection: string;
    /** The identity provider has deleted the user. */
    readonly deleted: boolean;
    readonly coderId: string | null;
  };
  readonly verdict: Verdict;
  /** The push that ended access first; a deletion may follow a deactivation. */
  readonly pushes: readonly ReceiptPush[];
  readonly steps: readonly ReceiptStep[];
  /** The last effect, and how long it took since the push before it. */
  readonly lastEffectAt: string | null;
  readonly ms: number | null;
  readonly returned: ReceiptReturn | null;
}

/** There is nothing to show; the message says why. */
export class NoReceipt extends Error {
  constructor(
    readonly code: 'unknownUser' | 'ambiguousUser' | 'neverLeft',
    message: string,
  ) {
    // It quotes what was asked for and what was pushed, which must not steer a terminal.
    super(message.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?'));
    this.name = 'NoReceipt';
  }
}
