import { hkdfSync } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { Clock, JsonObject } from '../../common/index.js';

/**
 * Keeps what a browser brings back, so that no replica has to remember it: encrypted and authenticated (A256GCM) with a key
 * that all replicas derive from the client's secret (RFC 5869). Each purpose has a key of its own.
 */
export class Seal {
  private readonly key: Uint8Array;

  constructor(
    secret: string,
    purpose: string,
    private readonly clock: Clock,
  ) {
    this.key = new Uint8Array(hkdfSync('sha256', secret, '', `idp-bridge oidc ${purpose}`, 32));
  }

  seal(content: JsonObject, seconds: number): Promise<string> {
    const ends = Math.floor(this.clock.now() / 1_000) + seconds;
    return new EncryptJWT({ content })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(ends)
      .encrypt(this.key);
  }

  /** What was sealed; undefined when it was not sealed here, was changed, or its time is over. */
  async open(text: string): Promise<JsonObject | undefined> {
    try {
      const { payload } = await jwtDecrypt<{ content: JsonObject }>(text, this.key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp', 'content'],
        currentDate: new Date(this.clock.now()),
      });
      return payload.content;
    } catch {
      return undefined;
    }
  }
}
