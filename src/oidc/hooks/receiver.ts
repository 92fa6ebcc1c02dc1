import type { IncomingHttpHeaders } from 'node:http';
import { newId, type Clock, type ClaimsStatement, type StatedClaims } from '../../common/index.js';
import type { MissingClaims, SecretHook, Webhook } from '../../config/index.js';
import { fetchKeys, KeySet, sameSecret, type Access } from '../../connections/index.js';
import { DirectoryError, type ClaimsDirectory } from '../../directory/index.js';
import type { HookName } from '../../telemetry/index.js';
import type { OidcConnection } from '../oidc-connections.js';
import type { ReadStatement } from '../read/statement.js';
import { badToken, Refusal } from '../refusal.js';
import { counted, tooMany } from '../slowing.js';
import { parseObject, unauthenticated, unusable } from './body.js';

import type { HookCounts } from './counts.js';
import { EntraCaller } from './entra-caller.js';
import { readEntraEvent } from './entra-event.js';
import { Bounded } from './in-time.js';
import { readOktaEvents, type OktaEvent } from './okta-events.js';
import { readOktaToken } from './okta-token.js';
import { Seen } from './seen.js';
import { readWebhook, TOLERANCE_MS, verifySignature, type Signed } from './webhook.js';

/** Okta tells of an event once more at most, soon after. */
const EVENT_MS = 60 * 60_000;

/** A request of a hook, as far as it matters. */
export interface HookRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly address: string;
}

/** Takes what providers tell by themselves: who calls is proven, what it says is read and recorded, and only then answered. */
export class HookReceiver {
  private readonly bounded = new Bounded();
  private readonly events: Seen;
  private readonly signatures: Seen;
  private readonly callers = new WeakMap<OidcConnection, EntraCaller>();

  constructor(
    private readonly directory: Pick<ClaimsDirectory, 'state' | 'compareAnew'>,
    private readonly access: Pick<Access, 'guesses' | 'countRequest'>,
    private readonly counts: HookCounts,
    private readonly clock: Clock,
  ) {
    this.events = new Seen(clock, EVENT_MS);
    // A time that is ahead is good for twice as long.
    this.signatures = new Seen(clock, 2 * TOLERANCE_MS);
  }

  /** Okta's token inline hook. @throws Refusal, DatabaseUnavailable */
  async oktaToken(to: OidcConnection, request: HookRequest): Promise<void> {
    const hook = configured(to.config.hooks?.oktaToken);
    this.checkSecret(hook, request);
    counted(this.access, to.connection);
    const statement = readOktaToken(parseObject(request.body), to.config, this.clock.now());
    if (statement === null) this.counts.add('okta-token', 'ignored');
    else await this.state(to, 'okta-token', statement, hook.missing);
  }

  /** Okta's event hook: each event once. @throws Refusal, DatabaseUnavailable */
  async oktaEvents(to: OidcConnection, request: HookRequest): Promise<void> {
    const hook = configured(to.config.hooks?.oktaEvents);
    this.checkSecret(hook, request);
    counted(this.access, to.connection);
    const taken = new Map<string, OktaEvent>();
    for (const event of readOktaEvents(parseObject(request.body))) {
      const id = `${to.connection.id}/${event.uuid}`;
      if (event.outcome !== 'taken') this.counts.add('okta-events', event.outcome);
      // One that another request is recording may yet fail there: it is recorded once more, which does no harm.
      else if (taken.has(id) || this.events.take(id) === 'done') this.counts.add('okta-events', 'repeated');
      else taken.set(id, event);
    }
    const requestId = newId();
    const signals = [...taken.values()].flatMap((event) =>
      event.signals.map((signal) => ({ ...signal, requestId })),
    );
    try {
      await this.bounded.run(() => keeping(this.directory.compareAnew(to.connection.id, signals)));
    } catch (error) {
      for (const id of taken.keys()) this.events.release(id);
      throw error;
    }
    for (const id of taken.keys()) {
      this.events.done(id);
      this.counts.add('okta-events', 'recorded');
    }
  }

  /**
   * Entra ID's custom claims provider.
   *
   * @throws Refusal invalid_token and slow_down where it is not Entra ID that calls; anything else says only that nothing was
   *   recorded
   */
  async entra(to: OidcConnection, request: HookRequest): Promise<void> {
    configured(to.config.hooks?.entra);
    const caller = this.callerOf(to);
    const signal = await this.authenticated(request, async () => {
      const tenant = await caller.verify(request.headers.authorization);
      return readEntraEvent(parseObject(request.body), tenant);
    });
    if (signal === null || this.access.countRequest(to.connection) > 0) {
      this.counts.add('entra', signal === null ? 'ignored' : 'limited');
      return;
    }
    const signals = [{ ...signal, requestId: newId() }];
    await this.bounded.run(() => keeping(this.directory.compareAnew(to.connection.id, signals)));
    this.counts.add('entra', 'recorded');
  }

  /** A signed webhook. @throws Refusal, DatabaseUnavailable */
  async webhook(to: OidcConnection, name: string, request: HookRequest): Promise<StatedClaims> {
    const hook = configured(to.config.hooks?.webhooks.find((one) => one.name === name));
    const signed = await this.authenticated(request, () => this.signatureOf(hook, request));
    counted(this.access, to.connection);
    const id = `${to.connection.id}/${name}/${signed.id}`;
    const seen = this.signatures.take(id);
    if (seen === 'done') throw new Refusal('replayed', 'this very request was taken before');
    if (seen === 'working')
      throw new Refusal('temporarily_unavailable', 'this very request is being taken', 1);
    try {
      const body = parseObject(request.body);
      const statement = readWebhook(body, to.config, signed.at, this.clock.now());
      const stated = await this.state(to, 'webhook', statement, hook.missing);
      this.signatures.done(id);
      return stated;
    } catch (error) {
      this.signatures.release(id);
      throw error;
    }
  }

  private signatureOf({ secrets }: Webhook, { headers, body }: HookRequest): Signed {
    return verifySignature(headers['x-bridge-signature'], body, secrets, this.clock.now());
  }

  private async state(
    to: OidcConnection,
    hook: HookName,
    statement: ReadStatement,
    missing: MissingClaims,
  ): Promise<StatedClaims> {
    const whole: ClaimsStatement = {
      ...statement,
      ...(missing === 'keep' ? { partial: true } : {}),
      connectionId: to.connection.id,
      source: 'hook',
      requestId: newId(),
    };
    const stated = await this.bounded.run(() => keeping(this.directory.state(whole)));
    this.counts.add(hook, stated.outcome);
    return stated;
  }

  private callerOf(to: OidcConnection): EntraCaller {
    const known = this.callers.get(to);
    if (known !== undefined) return known;
    const { clockSkewSeconds, keysMaxAgeHours, hooks } = to.config;
    const hook = configured(hooks?.entra);
    const keys = new KeySet({ ...hook, keysMaxAgeHours }, fetchKeys, this.clock);
    const caller = new EntraCaller(hook, clockSkewSeconds, keys.keyFor, this.clock);
    this.callers.set(to, caller);
    return caller;
  }

  private checkSecret({ header, secrets }: SecretHook, { headers, address }: HookRequest): void {
    const shown = headers[header];
    const text = typeof shown === 'string' ? shown : '';
    // All of them, as the time must not tell which one was near.
    const isGood = secrets.filter((secret) => sameSecret(secret, text)).length > 0;
    if (!isGood) throw this.refused(badToken('the secret is not good'), address);
  }

  private async authenticated<T>({ address }: HookRequest, prove: () => T | Promise<T>): Promise<T> {
    try {
      return await prove();
    } catch (error) {
      if (error instanceof Refusal && error.code === 'invalid_token') throw this.refused(error, address);
      throw error;
    }
  }

  /** Counts as a wrong token of the SCIM face does. */
  private refused(cause: Refusal, address: string): Refusal {
    const wait = this.access.guesses.count(address);
    return wait > 0 ? tooMany('too many requests that were not authenticated', wait) : unauthenticated(cause);
  }
}

function configured<T>(hook: T | undefined): T {
  if (hook === undefined) throw new Refusal('not_found', 'no such hook is configured here');
  return hook;
}

/** What the directory cannot keep is the body's fault: the caller has proven who it is. */
async function keeping<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof DirectoryError && error.code === 'invalidValue'
      ? unusable('the directory cannot keep what is said')
      : error;
  }
}
