import { readJson } from './coder.js';

/** What waits in the bridge. */
export interface Backlog {
  readonly dirty: number;
  readonly failed: number;
  readonly held: number;
}

export interface CoderAddress {
  readonly url: string;
  readonly simulator: boolean;
}

/** Something that the bridge could not carry out, or holds for approval; in words. */
export interface Issue {
  readonly id: string;
  readonly text: string;
}

/** The bridge's own measure of the time from push to Coder; seconds. */
export interface Histogram {
  readonly count: number;
  readonly sum: number;
}
export type Histograms = Readonly<Record<'user' | 'group', Histogram>>;

interface Failures {
  readonly failures: readonly {
    readonly id: string;
    readonly kind: string;
    readonly name: string;
    readonly failure: { readonly detail: string };
  }[];
}

interface Holds {
  readonly holds: readonly { readonly id: string; readonly kind: string; readonly name: string }[];
}

/** The bridge's admin API and its metrics. */
export class BridgeAdmin {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async coder(): Promise<CoderAddress> {
    return (await this.get<{ coder: CoderAddress }>('/status')).coder;
  }

  async backlog(): Promise<Backlog> {
    return (await this.get<{ targets: Backlog }>('/status')).targets;
  }

  async issues(): Promise<Issue[]> {
    const [{ failures }, { holds }] = await Promise.all([
      this.get<Failures>('/failures'),
      this.get<Holds>('/holds'),
    ]);
    return [
      ...failures.map(({ id, kind, name, failure }) => ({
        id,
        text: `${kind} ${name}: failed: ${failure.detail}`,
      })),
      ...holds.map(({ id, kind, name }) => ({
        id,
        text: `${kind} ${name}: held for approval (the safety budget counts the losses of an hour, or DRY_RUN is on)`,
      })),
    ];
  }

  async pushToCoder(): Promise<Histograms> {
    const response = await fetch(`${this.url}/metrics`, { signal: AbortSignal.timeout(30_000) });
    return readHistograms(await response.text());
  }

  private get<T>(path: string): Promise<T> {
    return readJson<T>(`${this.url}/api/v1${path}`, { authorization: `Bearer ${this.token}` });
  }
}

/** The counts and sums of `idp_bridge_push_to_coder_seconds` in Prometheus' text form. */
export function readHistograms(text: string): Histograms {
  const value = (part: 'count' | 'sum', kind: string): number => {
    const beginning = `idp_bridge_push_to_coder_seconds_${part}{kind="${kind}"} `;
    const line = text.split('\n').find((candidate) => candidate.startsWith(beginning));
    return line === undefined ? 0 : Number(line.slice(beginning.length));
  };
  const of = (kind: string): Histogram => ({ count: value('count', kind), sum: value('sum', kind) });
  return { user: of('user'), group: of('group') };
}
