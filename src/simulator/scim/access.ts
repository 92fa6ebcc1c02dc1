import { timingSafeEqual } from 'node:crypto';
import { isEnabled } from '../rules/licence.js';
import { type Answer, ApiFailure, type Headers, routeNotFound } from '../server/answers.js';
import type { OpenCall } from '../server/route.js';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const SCIM_JSON = { 'Content-Type': 'application/scim+json' };

/** Audit rows of the SCIM server name it. */
export const BY_SCIM = { automatic_actor: 'coder', automatic_subsystem: 'scim' } as const;

/** Whether this release has the SCIM 2.0 server instead of the first one. */
export function isNew(call: OpenCall): boolean {
  return call.state.switches.profile === 'n26-scim2';
}

/** Releases until autumn 2024: errors come as 500, and the whole header must be the secret. */
export function isOld(call: OpenCall): boolean {
  const { profile } = call.state.switches;
  return profile === 's-old' || profile === 's-new';
}

/** Without a secret there is no SCIM at all; then the licence is asked for. @throws ApiFailure 404, 403 */
export function checkEnabled(call: OpenCall): void {
  const { state, deployment } = call;
  if (!state.switches.scimSecret) throw routeNotFound();
  if (isEnabled(state, 'scim', deployment.clock.now())) return;
  if (state.switches.profile === 's-old') throw routeNotFound();
  throw new ApiFailure(403, 'SCIM is a Premium feature. Contact sales!');
}

/** Whether the request carries the secret; newer releases strip one `Bearer ` from it, in any case. */
export function isAuthorized(call: OpenCall): boolean {
  const header = call.header('authorization');
  const given = Buffer.from(isOld(call) ? header : header.replace(/^bearer /i, ''));
  const secret = Buffer.from(call.state.switches.scimSecret);
  return given.length === secret.length && timingSafeEqual(given, secret);
}

/** RFC 7644 section 3.12, as the two servers write it: the first with a number for the status. */
export function scimError(call: OpenCall, status: number, type: string, detail: string): Answer {
  if (isNew(call)) {
    const body = { schemas: [ERROR], ...(type && { scimType: type }), status: String(status), detail };
    return scimJson(status, body);
  }
  // The library was given its errors by value where it looks for pointers.
  const seen = isOld(call) ? { status: 500, type: 'internal' } : { status, type };
  return scimJson(seen.status, { schemas: [ERROR], status: seen.status, scimType: seen.type, detail });
}

export function scimJson(status: number, body: unknown, headers: Headers = {}): Answer {
  return { status, headers: { ...SCIM_JSON, ...headers }, body: JSON.stringify(body) };
}
