import type { CoderConnection, CoderUser, UsersView } from '../../coder/index.js';
import type { TargetKind } from '../../common/index.js';
import type { Adoptions, TargetStore, UnlinkedUser } from '../../directory/index.js';
import { freeUsername } from '../../policy/index.js';
import type { Contexts } from '../contexts.js';
import { adoptionEvidence, planUser } from '../planner/index.js';
import type { AdoptionEvidence, PlanContext } from '../planner/index.js';
import { SNAPSHOT_MAX_AGE_MS } from '../users/observe-user.js';
import { ofPlan } from './outcome.js';
import type { AdoptionOutcome } from './outcome.js';
import { listing } from './unlisted.js';

/** An account in Coder that fits a user of the directory, and what would be done about it. */
export interface UserMatch extends AdoptionOutcome {
  readonly id: string;
  readonly connection: string;
  readonly userName: string;
  readonly email: string | null;
  /** What fits. By a username alone nothing is ever adopted. */
  readonly by: 'email' | 'username';
  readonly account: AdoptionEvidence;
  /** Whom the account is linked to already. */
  readonly linkedTo: { readonly connection: string; readonly name: string } | null;
}

/** A part of the report. */
export interface ReportPage<Match> {
  readonly matches: readonly Match[];
  /** Users or groups without a link that were compared. */
  readonly compared: number;
  /** The `after` of the next part; null: this was the last. */
  readonly next: string | null;
}

export interface ReportQuery {
  readonly after: string | null;
  /** How many to compare at most. */
  readonly limit: number;
  readonly connection?: string;
}

interface Found {
  readonly user: UnlinkedUser;
  readonly account: CoderUser;
  readonly by: UserMatch['by'];
}

const ONLY_THE_USERNAME: AdoptionOutcome = {
  outcome: 'notAdopted',
  detail:
    'Only the username is equal: the account is left alone, and a new one is made with another username.',
  steps: [],
};

/**
 * Which accounts would be adopted, and why not the others: what the planner would do, with one list of Coder's users for
 * many. Nothing is changed, and nothing has to have been applied before.
 */
export class UserReport {
  constructor(
    private readonly adoptions: Pick<Adoptions, 'users' | 'owners'>,
    private readonly store: Pick<TargetStore, 'readUser'>,
    private readonly coder: Pick<CoderConnection, 'users'>,
    private readonly contexts: Pick<Contexts, 'of'>,
  ) {}

  /** @throws CoderUnlisted */
  page(query: ReportQuery): Promise<ReportPage<UserMatch>> {
    return listing(this.compare(query));
  }

  private async compare(query: ReportQuery): Promise<ReportPage<UserMatch>> {
    const users = await this.adoptions.users(query);
    const accounts = users.length === 0 ? null : await this.coder.users.get(SNAPSHOT_MAX_AGE_MS);
    const found = accounts === null ? [] : users.flatMap((user) => match(user, accounts));
    const owners = await ownersOf(
      this.adoptions,
      'user',
      found.map(({ account }) => account.id),
    );
    const matches: UserMatch[] = [];
    for (const one of found) {
      const told = await this.tell(one, owners.get(one.account.id) ?? null);
      if (told) matches.push(told);
    }
    return { matches, compared: users.length, next: nextOf(users, query.limit) };
  }

  /** Null: the user was linked or went away meanwhile. */
  private async tell(
    { user, account, by }: Found,
    linkedTo: UserMatch['linkedTo'],
  ): Promise<UserMatch | null> {
    const target = await this.store.readUser(user.id);
    if (!target || target.link !== null || target.deleted || !target.active) return null;
    const context: PlanContext = {
      ...(await this.contexts.of(target)),
      takenUsernames: { has: () => false },
      refusedRoles: new Map(),
    };
    const { id, connection, userName, email } = user;
    const outcome =
      by === 'username'
        ? ONLY_THE_USERNAME
        : ofPlan(planUser(target, { account: null, sameEmail: account }, context), linkedTo);
    const evidence = adoptionEvidence(target, account, context);
    return { id, connection, userName, email, by, account: evidence, linkedTo, ...outcome };
  }
}

/** By the email address, and by nothing else where that fits. */
function match(user: UnlinkedUser, accounts: UsersView): Found[] {
  const sameEmail = user.email === null ? undefined : accounts.byEmail(user.email);
  if (sameEmail) return [{ user, account: sameEmail, by: 'email' }];
  const expected = freeUsername(user.username ?? user.userName, user.id, () => false);
  const sameName = accounts.byUsername(expected);
  return sameName ? [{ user, account: sameName, by: 'username' }] : [];
}

/** Who is linked to these, by Coder's id. */
export async function ownersOf(
  adoptions: Pick<Adoptions, 'owners'>,
  kind: TargetKind,
  coderIds: readonly string[],
): Promise<ReadonlyMap<string, { connection: string; name: string }>> {
  const owners = await adoptions.owners(kind, coderIds);
  return new Map(owners.map(({ coderId, connection, name }) => [coderId, { connection, name }]));
}

export function nextOf(rows: readonly { readonly id: string }[], limit: number): string | null {
  return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
}
