import type { AuthError } from '../errors.js';

/**
 * Shut while Coder refuses the token (401). Only a probe opens it: an answer to a call that was under way when the token
 * went bad proves nothing.
 */
export class AuthGate {
  private refusal: AuthError | undefined;

  get ok(): boolean {
    return this.refusal === undefined;
  }

  /** What Coder said of the token, while it refuses it. */
  get reason(): string | undefined {
    return this.refusal?.message;
  }

  /** @returns whether this shut the gate (the first refusal in a row) */
  refuse(error: AuthError): boolean {
    const first = this.refusal === undefined;
    this.refusal = error;
    return first;
  }

  /** @returns whether this opened the gate */
  accept(): boolean {
    const was = this.refusal !== undefined;
    this.refusal = undefined;
    return was;
  }
}
