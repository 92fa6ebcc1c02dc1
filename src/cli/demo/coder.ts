/** An account in Coder, as the comparison looks at it. */
export interface Account {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly status: string;
}

export interface CoderTeam {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  /** Usernames. */
  readonly members: readonly string[];
}

/** Everybody and all groups that Coder holds at one time. */
export interface Holding {
  readonly accounts: readonly Account[];
  readonly groups: readonly CoderTeam[];
}

/** What Coder was asked so far. */
export interface Calls {
  readonly mutations: number;
  readonly reads: number;
  /** Calls that changed nothing though they were to: refused, or struck by a fault. */
  readonly refused: number;
}

/** One change that is waited for. */
export type Awaited =
  | { readonly kind: 'person'; readonly id: string; readonly arrived: (account: Account) => boolean }
  | { readonly kind: 'group'; readonly id: string; readonly arrived: (group: CoderTeam) => boolean };

/** A look at Coder past the bridge. */
export interface CoderView {
  read(): Promise<Holding>;
  /** Null where Coder does not count. */
  calls(): Promise<Calls | null>;
  /**
   * Waits until a change that was pushed at `since` is in Coder.
   *
   * @param since milliseconds since the epoch
   * @param isOver whether nothing more will come: then one last look is taken
   * @returns when it arrived; null when it did not
   */
  arrival(change: Awaited, since: number, isOver: () => boolean): Promise<number | null>;
}

/** How often a change that is on its way is looked for. */
const LOOK_MS = 10;
/** A real Coder permits 512 requests a minute and path. */
const LOOK_GENTLY_MS = 150;

interface SimulatorState {
  readonly users: readonly Account[];
  readonly groups: readonly {
    readonly id: string;
    readonly name: string;
    readonly display_name: string;
    readonly members: readonly string[];
  }[];
}

interface SimulatorCalls {
  readonly total: number;
  readonly mutations: number;
  readonly routes: Readonly<Record<string, { readonly calls: number; readonly mutations: number }>>;
}

interface NewestCalls {
  readonly calls: readonly { readonly at: number; readonly path: string; readonly mutation: boolean }[];
}

/** The simulator: its control paths cost the bridge nothing and are not counted as calls. */
export class SimulatorView implements CoderView {
  constructor(private readonly url: string) {}

  async read(): Promise<Holding> {
    const { users, groups } = await readJson<SimulatorState>(`${this.url}/simulator/state`);
    const teams = groups.map(({ display_name: displayName, ...group }) => ({ ...group, displayName }));
    return { accounts: users, groups: teams };
  }

  async calls(): Promise<Calls> {
    const { total, mutations, routes } = await readJson<SimulatorCalls>(`${this.url}/simulator/calls`);
    const reads = Object.entries(routes)
      .filter(([route]) => route.startsWith('GET '))
      .reduce((sum, [, { calls }]) => sum + calls, 0);
    return { mutations, reads, refused: total - reads - mutations };
  }

  /** By the call log, which has the very moment. */
  arrival({ id }: Awaited, since: number, isOver: () => boolean): Promise<number | null> {
    return poll(LOOK_MS, isOver, async () => {
      const { calls } = await readJson<NewestCalls>(`${this.url}/simulator/calls/newest`);
      const call = calls.find(({ at, path, mutation }) => mutation && at >= since && path.includes(id));
      return call?.at ?? null;
    });
  }
}

interface ApiGroup {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly members: readonly { readonly username: string }[] | null;
}

/** A real Coder, by its API and a token of an owner. */
export class ApiView implements CoderView {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async read(): Promise<Holding> {
    const groups = await this.get<ApiGroup[]>('/groups');
    return { accounts: await this.accounts(), groups: groups.map(teamOf) };
  }

  async calls(): Promise<null> {
    return null;
  }

  /** By looking: the moment is when it was first seen. */
  arrival(change: Awaited, since: number, isOver: () => boolean): Promise<number | null> {
    return poll(LOOK_GENTLY_MS, isOver, async () => {
      const there =
        change.kind === 'person'
          ? change.arrived(await this.get<Account>(`/users/${change.id}`))
          : change.arrived(teamOf(await this.get<ApiGroup>(`/groups/${change.id}`)));
      return there ? Math.max(since, Date.now()) : null;
    });
  }

  private async accounts(): Promise<Account[]> {
    const accounts: Account[] = [];
    for (;;) {
      const after = accounts.at(-1)?.id;
      const page = `/users?limit=1000${after === undefined ? '' : `&after_id=${after}`}`;
      const { users } = await this.get<{ users: Account[] }>(page);
      if (users.length === 0) return accounts;
      accounts.push(...users.map((user) => ({ ...user, name: user.name ?? '' })));
    }
  }

  private get<T>(path: string): Promise<T> {
    return readJson<T>(`${this.url}/api/v2${path}`, { 'coder-session-token': this.token });
  }
}

function teamOf({ id, name, display_name: displayName, members }: ApiGroup): CoderTeam {
  return { id, name, displayName, members: (members ?? []).map(({ username }) => username) };
}

/** @throws when it is not answered with 200 */
export async function readJson<T>(url: string, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  if (response.status !== 200) {
    throw new Error(`GET ${url} was answered with ${response.status}: ${text.slice(0, 200)}`);
  }
  return JSON.parse(text) as T;
}

async function poll<T>(
  everyMs: number,
  isOver: () => boolean,
  look: () => Promise<T | null>,
): Promise<T | null> {
  for (;;) {
    const over = isOver();
    const found = await look();
    if (found !== null || over) return found;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
