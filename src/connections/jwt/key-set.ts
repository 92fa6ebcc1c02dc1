import { createLocalJWKSet, errors } from 'jose';
import type { FlattenedJWSInput, JWSHeaderParameters } from 'jose';
import type { Clock } from '../../common/index.js';
import type { JwtIssuer } from '../../config/index.js';
import type { FetchKeys } from './fetch-keys.js';
import { IssuerUnavailable } from './unavailable.js';

/** Keys older than this are fetched again, while they still serve. */
const FRESH_MS = 10 * 60_000;
/** A key that is not in the set is a reason to look again, but not for everybody who invents one. */
const UNKNOWN_KEY_MS = 30_000;
/** After a failure nobody asks again for so long. */
const FAILURE_MS = 5_000;

/** Whose keys, and how long they serve. */
export type KeyOwner = Pick<JwtIssuer, 'issuer' | 'jwksUri' | 'keysMaxAgeHours'>;

type Key = ReturnType<ReturnType<typeof createLocalJWKSet>>;

/**
 * The public keys of an issuer: fetched when they are needed, kept, and fetched again in the background. While they
 * cannot be fetched the old ones serve, up to an age.
 */
export class KeySet {
  private keys:
    { readonly find: ReturnType<typeof createLocalJWKSet>; readonly fetchedAt: number } | undefined;
  private triedAt = Number.NEGATIVE_INFINITY;
  /** Why the last fetch failed, if it did. */
  private failure: unknown;
  private fetching: Promise<void> | undefined;

  constructor(
    private readonly issuer: KeyOwner,
    private readonly fetchKeys: FetchKeys,
    private readonly clock: Clock,
  ) {}

  /**
   * The key that a token names.
   *
   * @throws IssuerUnavailable; errors of jose where there is no such key
   */
  readonly keyFor = async (header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<Awaited<Key>> => {
    const age = this.age();
    if (age > this.issuer.keysMaxAgeHours * 3_600_000) await this.refresh();
    else if (age > FRESH_MS && this.mayTry()) void this.refresh();
    try {
      return await this.usable()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // Rotated since, perhaps. Where it cannot be found out, the token may be good.
      if (this.age() >= UNKNOWN_KEY_MS) await this.refresh();
      if (this.failure !== undefined) throw new IssuerUnavailable('an unknown key is named', this.failure);
      return this.usable()(header, token);
    }
  };

  private usable(): ReturnType<typeof createLocalJWKSet> {
    if (this.keys === undefined || this.age() > this.issuer.keysMaxAgeHours * 3_600_000) {
      throw new IssuerUnavailable('they were not fetched for too long', this.failure);
    }
    return this.keys.find;
  }

  /** Milliseconds since the keys were fetched. */
  private age(): number {
    return this.clock.monotonic() - (this.keys?.fetchedAt ?? Number.NEGATIVE_INFINITY);
  }

  private mayTry(): boolean {
    return this.failure === undefined || this.clock.monotonic() - this.triedAt >= FAILURE_MS;
  }

  /** One fetch at a time, whoever waits for it. Never throws. */
  private refresh(): Promise<void> {
    if (!this.mayTry()) return this.fetching ?? Promise.resolve();
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  private async fetch(): Promise<void> {
    try {
      const find = createLocalJWKSet(await this.fetchKeys(this.issuer));
      this.keys = { find, fetchedAt: this.clock.monotonic() };
      this.failure = undefined;
    } catch (error) {
      this.failure = error ?? new Error('no keys');
    }
    this.triedAt = this.clock.monotonic();
  }
}
