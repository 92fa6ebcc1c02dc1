import { GoneError, RejectedError } from '../../coder/index.js';
import type {
  CallOptions,
  CoderApiKey,
  CoderClient,
  CoderError,
  CoderUser,
  CoderWorkspace,
} from '../../coder/index.js';
import type { Remains, UserTarget } from '../../directory/index.js';
import type { Keys } from '../planner/index.js';
import type { RunSession } from '../session.js';
import { covers } from './observed-user.js';
import type { Leaving, ObservedUser } from './observed-user.js';
import { Sight } from './sight.js';

const PAGE = 100;
/** Workspaces of one person that are looked at. */
const MOST_WORKSPACES = 2_000;

/** Site roles that see everybody's API tokens, and everybody's workspaces. */
const SEES_TOKENS = ['owner'];
const SEES_WORKSPACES = ['owner', 'template-admin', 'auditor'];

const NOT_BEGUN: Leaving = { busy: [], ordered: [], refused: [] };
const UNDER_WAY = ['pending', 'starting', 'stopping', 'deleting', 'canceling'];
const DOWN = ['stopped', 'deleted'];

/** What is looked for: API tokens, all or those that were made until then (null: none), and workspaces that run. */
export interface Sought {
  readonly keys: Keys | null;
  readonly workspaces: boolean;
}

/** Looks for what is left of somebody whose account is suspended, or who was logged out. */
export class RemainsReader {
  private readonly sight: Sight;

  constructor(private readonly coder: CoderClient) {
    this.sight = new Sight(coder);
  }

  /**
   * The view with what is left, as far as it is sought and was not read before. The look is on the record before anything is
   * taken, so that what is taken by a call without an answer is known for it at the next look.
   *
   * @throws CoderError where something cannot be read; what is refused is recorded, and passed over
   */
  async look(
    session: RunSession,
    target: UserTarget,
    view: ObservedUser,
    account: CoderUser,
    sought: Sought,
    options: CallOptions,
  ): Promise<ObservedUser> {
    const { keys } = sought;
    const readsTokens = keys !== null && !sameKeys(view.keys, keys);
    const readsWorkspaces = view.workspaces === undefined && sought.workspaces;
    if (!readsTokens && !readsWorkspaces) return view;
    const present = readsTokens ? await this.tokens(session, account, options) : null;
    const listed = present && present.filter((token) => isAmong(token, keys)).map(({ id }) => id);
    const found = readsWorkspaces
      ? await this.workspaces(session, account, view.leaving === undefined, options)
      : null;
    const before = view.leaving ?? NOT_BEGUN;
    const sorted = found && (await this.sort(session, found, before));
    const tokens = listed ?? view.tokens;
    const workspaces = sorted?.running ?? view.workspaces;
    const open = { tokens: tokens ?? [], workspaces: workspaces ?? [] };
    const there = present && present.map(({ id }) => id);
    await this.recordTaken(session, target, account, there, sorted && found, open);
    await session.offboard(
      { tokens: 0, workspaces: 0, open },
      {
        action: sought.workspaces || keys === 'all' ? 'coder.offboarding.looked' : 'coder.logout.looked',
        facts: {
          coderId: account.id,
          tokens: listed,
          workspaces: sorted?.running ?? null,
          underWay: sorted?.leaving.busy ?? null,
        },
      },
    );
    return {
      ...view,
      // What is refused or not seen is not asked for again in this run.
      ...(readsTokens && { tokens: listed ?? [], keys }),
      ...(readsWorkspaces && { workspaces: workspaces ?? [] }),
      leaving: sorted?.leaving ?? before,
    };
  }

  /** Null: refused, or not to be seen. */
  private async tokens(
    session: RunSession,
    account: CoderUser,
    options: CallOptions,
  ): Promise<readonly CoderApiKey[] | null> {
    return orRefused(session, 'tokens', async () => {
      if (!(await this.sight.has(SEES_TOKENS, options)))
        return recordBlindness(session, 'tokens', SEES_TOKENS);
      const list = await this.coder.listTokens(account.id, {}, options);
      return list.filter(({ user_id: owner }) => owner === undefined || owner === account.id);
    });
  }

  /** Null: refused. Where only some can be seen, those are stopped, and that there may be more is recorded. */
  private async workspaces(
    session: RunSession,
    { id, username }: CoderUser,
    first: boolean,
    options: CallOptions,
  ): Promise<readonly CoderWorkspace[] | null> {
    return orRefused(session, 'workspaces', async () => {
      if (first && !(await this.sight.has(SEES_WORKSPACES, options)))
        await recordBlindness(session, 'workspaces', SEES_WORKSPACES);
      const all: CoderWorkspace[] = [];
      for (let offset = 0; offset < MOST_WORKSPACES; offset += PAGE) {
        const page = { q: `owner:${username}`, limit: PAGE, offset };
        const { workspaces, count } = await this.coder.listWorkspaces(page, options);
        all.push(...workspaces.filter(({ owner_id: owner }) => owner === id));
        if (workspaces.length === 0 || offset + workspaces.length >= count) break;
      }
      return all;
    });
  }

  /** One that was ordered to stop and is still up when its build has ended will not stop for another order either. */
  private async sort(
    session: RunSession,
    found: readonly CoderWorkspace[],
    before: Leaving,
  ): Promise<{ running: readonly string[]; leaving: Leaving }> {
    const running: string[] = [];
    const busy: string[] = [];
    const refused = new Set(before.refused);
    for (const workspace of found) {
      const { id, latest_build: build } = workspace;
      if (isUnderWay(workspace)) busy.push(id);
      else if (isUp(workspace) && !refused.has(id)) {
        const again = build.transition === 'stop' && (session.tries > 0 || before.ordered.includes(id));
        if (!again) running.push(id);
        else {
          refused.add(id);
          await recordFailedStop(session, id, build.id);
        }
      }
    }
    return { running, leaving: { busy, ordered: before.ordered, refused: [...refused] } };
  }

  /** What was about to be taken at the last look, and is gone. */
  private async recordTaken(
    session: RunSession,
    { offboarded }: UserTarget,
    account: CoderUser,
    tokens: readonly string[] | null,
    workspaces: readonly CoderWorkspace[] | null,
    open: Remains,
  ): Promise<void> {
    const facts = {
      coderId: account.id,
      reason: 'it is gone: the call before got no answer',
      seenGone: true,
    };
    const about = offboarded?.open;
    for (const keyId of tokens === null ? [] : missing(about?.tokens, new Set(tokens))) {
      const effect = { action: 'coder.user.tokenRevoked', facts: { ...facts, keyId } };
      await session.offboard({ tokens: 1, workspaces: 0, open }, effect);
    }
    const up = new Set(workspaces?.filter((one) => isUp(one)).map(({ id }) => id));
    for (const workspaceId of workspaces === null ? [] : missing(about?.workspaces, up)) {
      const effect = { action: 'coder.workspace.stopped', facts: { ...facts, workspaceId } };
      await session.offboard({ tokens: 0, workspaces: 1, open }, effect);
    }
  }
}

/** Whether the tokens that are sought are those that were looked for before. */
function sameKeys(before: Keys | undefined, sought: Keys): boolean {
  return sought instanceof Date ? before instanceof Date && covers(before, sought) : before === sought;
}

/** One of which Coder does not say when it was made counts as old. */
function isAmong({ created_at: made = '' }: CoderApiKey, keys: Keys | null): boolean {
  return !(keys instanceof Date) || !(Date.parse(made) > keys.getTime());
}

const missing = (before: readonly string[] = [], now: ReadonlySet<string>): string[] =>
  before.filter((id) => !now.has(id));

const isUnderWay = ({ latest_build: { status } }: CoderWorkspace): boolean =>
  UNDER_WAY.includes(status ?? '');

/** It runs, or what it last did failed or was broken off, so that something of it may run. */
function isUp({ latest_build: { status, transition } }: CoderWorkspace): boolean {
  if (status === undefined || status === '') return transition === 'start';
  return !DOWN.includes(status) && !['stopping', 'deleting'].includes(status);
}

/** What this Coder, or this token, does not let be seen does not hold up the rest: it is on the record. */
async function orRefused<T>(
  session: RunSession,
  what: 'tokens' | 'workspaces',
  read: () => Promise<T | null>,
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RejectedError) && !(error instanceof GoneError)) throw error;
    await recordRefusal(session, `list ${what}`, error);
    return null;
  }
}

/** A step of offboarding that Coder refuses: the others go on, and the receipt shows it. */
export async function recordRefusal(
  session: RunSession,
  step: string,
  error: CoderError,
  facts: { readonly keyId?: string; readonly workspaceId?: string } = {},
): Promise<void> {
  await session.record({
    action: 'coder.offboarding.refused',
    facts: { step, status: error.status ?? null, operation: error.operation, ...facts },
    personal: { detail: error.message },
  });
}

async function recordBlindness(
  session: RunSession,
  what: 'tokens' | 'workspaces',
  needs: readonly string[],
): Promise<null> {
  const facts = { step: `list ${what}`, status: null, needs };
  await session.record({ action: 'coder.offboarding.refused', facts });
  return null;
}

/** Seen at each look: told once, as long as it is that build. */
async function recordFailedStop(session: RunSession, workspaceId: string, buildId: string): Promise<void> {
  const facts = { step: 'stopWorkspace', status: null, workspaceId, buildId, buildFailed: true };
  await session.note({ action: 'coder.offboarding.refused', facts });
}
