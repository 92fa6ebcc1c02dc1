import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Lane, TargetKind } from '../common/index.js';

/** Label values are closed sets: no ids, no names, nothing that a client chooses. */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx';
export type ScimMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'other';
export type ScimResource =
  'Users' | 'Groups' | 'Schemas' | 'ResourceTypes' | 'ServiceProviderConfig' | 'other';
/** How one run for one target ended. */
export type RunOutcome = 'applied' | 'unchanged' | 'failed' | 'held' | 'putOff' | 'busy' | 'leaseLost';
/** What a call of Coder ended with: an answer's class, no answer, or no leave to send it. */
export type CallOutcome = StatusClass | 'noAnswer' | 'throttled';
/** How claims come: a token handed over, a login at the bridge, a hook. */
export type ClaimsWay = 'token' | 'login' | 'hook';
/** What became of claims: the directory's word, or an answer that is an error. */
export type ClaimsOutcome = 'recorded' | 'unchanged' | 'older' | 'refused';
/** Ways by which identity providers tell of logins and changes by themselves. */
export type HookName = 'okta-token' | 'okta-events' | 'entra' | 'webhook';
/**
 * What became of a request, or of an event in it: the directory's word; told before; of an unknown kind; about nobody, or of
 * nothing that happened; beyond the connection's rate; not authenticated or not to be read; not recorded in time.
 */
export type HookOutcome =
  'recorded' | 'unchanged' | 'older' | 'repeated' | 'unknown' | 'ignored' | 'limited' | 'refused' | 'failed';

/** What is counted and measured, under /metrics in Prometheus' text form. One object per process. */
export class Metrics {
  readonly registry = new Registry();
  private readonly collectors = new Map<string, () => void | Promise<void>>();

  /** Requests to the SCIM face, and how long they took (seconds). */
  readonly scimRequests = this.counter('scim_requests_total', 'SCIM requests.', [
    'method',
    'resource',
    'status',
  ]);
  readonly scimSeconds = this.histogram(
    'scim_request_seconds',
    'Time to answer a SCIM request.',
    ['method', 'resource'],
    [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  );

  /** What identity providers told by hooks: `{ hook, outcome }`. */
  readonly hooks = this.counter('oidc_hooks_total', 'Requests and events of OIDC hooks.', [
    'hook',
    'outcome',
  ]);

  /** Claims that were stated, or refused: `{ way, outcome }`. */
  readonly claims = this.counter('claims_total', 'Claims that came.', ['way', 'outcome']);

  /** Runs of the reconciler: `{ kind, outcome }`. */
  readonly reconciles = this.counter('reconcile_runs_total', 'Runs of the reconciler.', ['kind', 'outcome']);

  /** Calls of Coder: `{ operation, status }`, and how long they took (seconds). */
  readonly coderCalls = this.counter('coder_calls_total', 'Calls of the Coder API.', ['operation', 'status']);
  readonly coderSeconds = this.histogram(
    'coder_call_seconds',
    'Time of a call of the Coder API.',
    ['operation'],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
  );

  /** From the commit of a push to its arrival in Coder (seconds): `{ kind }`. */
  readonly pushToCoder = this.histogram(
    'push_to_coder_seconds',
    'Time from a push of the identity provider to its arrival in Coder.',
    ['kind'],
    [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800],
  );

  /** Jobs by lane and state; targets by state; whether the breaker to Coder is open (1), probing (0.5) or closed (0). */
  readonly queueDepth = this.gauge('queue_jobs', 'Jobs in the queue.', ['lane', 'state']);
  readonly targets = this.gauge('targets', 'Targets that are dirty, failed, held or paused.', ['state']);
  readonly breakerOpen = this.gauge(
    'coder_breaker_open',
    'Breaker to Coder: 1 open, 0.5 probing, 0 closed.',
    [],
  );

  /** @param process whether to measure the process too (memory, event loop); once per process */
  constructor({ process = true }: { readonly process?: boolean } = {}) {
    if (process) collectDefaultMetrics({ register: this.registry });
    for (const kind of ['user', 'group'] satisfies TargetKind[]) this.pushToCoder.zero({ kind });
    for (const lane of ['urgent', 'normal'] satisfies Lane[]) {
      for (const state of ['waiting', 'active', 'delayed']) this.queueDepth.set({ lane, state }, 0);
    }
    for (const hook of ['okta-token', 'okta-events', 'entra', 'webhook'] satisfies HookName[])
      this.hooks.inc({ hook, outcome: 'recorded' satisfies HookOutcome }, 0);
    for (const way of ['token', 'login', 'hook'] satisfies ClaimsWay[])
      for (const outcome of ['recorded', 'unchanged', 'older', 'refused'] satisfies ClaimsOutcome[])
        this.claims.inc({ way, outcome }, 0);
    for (const state of ['dirty', 'failed', 'held', 'paused']) this.targets.set({ state }, 0);
  }

  /** Runs `collect` before each scrape, to set gauges; under the same name once. A failing one leaves its gauges as they were. */
  beforeScrape(name: string, collect: () => void | Promise<void>): void {
    this.collectors.set(name, collect);
  }

  /** All metrics as text; a collector that does not answer within `timeoutMs` is not waited for. */
  async text(timeoutMs = 2000): Promise<string> {
    const collecting = [...this.collectors.values()].map(async (collect) => collect());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([Promise.allSettled(collecting), late]);
    clearTimeout(timer);
    return this.registry.metrics();
  }

  private counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({
      name: `idp_bridge_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
    });
  }

  private gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({
      name: `idp_bridge_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
    });
  }

  private histogram<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ): Histogram<L> {
    const registers = [this.registry];
    return new Histogram({
      name: `idp_bridge_${name}`,
      help,
      labelNames: [...labelNames],
      buckets,
      registers,
    });
  }
}

/** Injection token of the {@link Metrics}. */
export const METRICS = Symbol('METRICS');

/** `2xx` of 204. */
export function statusClass(status: number): StatusClass {
  return `${Math.min(5, Math.max(1, Math.floor(status / 100)))}xx` as StatusClass;
}
