import { isJsonObject, type JsonObject } from '../../../common/index.js';
import { featuresOf } from '../../rules/licence.js';
import { type Answer, ApiFailure, badRequest, forbidden, json, notFound } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';

const LICENSES = '/api/v2/licenses';
const MINUTE = 60_000;

export const licenceRoutes: readonly Route[] = [
  { method: 'GET', path: LICENSES, handle: list },
  { method: 'POST', path: LICENSES, handle: add },
  { method: 'POST', path: `${LICENSES}/refresh-entitlements`, handle: refresh },
  { method: 'DELETE', path: `${LICENSES}/{id}`, handle: remove },
];

/** JSON null when there are none. */
function list(call: Call): Answer {
  if (!call.caller.isOwner()) throw forbidden();
  const rows = call.state.tables.rows('license');
  return json(200, rows.length === 0 ? null : rows);
}

/** A JWT, of which only the claims are read: nobody here can sign one. */
function add(call: Call): Answer {
  if (!call.caller.isOwner()) throw forbidden();
  const claims = claimsOf(call.body().string('license') ?? '');
  if (!claims) throw badRequest('Invalid license', 'token is malformed');
  const row = call.deployment.addLicense(claims);
  const features = featuresOf(claims, Object.keys(call.state.switches.features));
  entitle(call, Object.fromEntries(features.map((name) => [name, true])));
  call.deployment.audit('create', 'license', row.uuid, '', call.caller.id);
  return json(201, row);
}

/** Without any licence nothing is entitled any more. */
function remove(call: Call): Answer {
  if (!call.caller.isOwner()) throw forbidden();
  const id = call.param('id');
  const row = /^\d{1,9}$/.test(id) ? call.state.tables.get('license', String(Number(id))) : undefined;
  if (!row) throw notFound();
  call.state.put('license', String(row.id), null);
  if (call.state.tables.size('license') === 0) {
    const names = Object.keys(call.state.switches.features);
    entitle(call, Object.fromEntries(names.map((name) => [name, false])));
  }
  call.deployment.audit('delete', 'license', row.uuid, '', call.caller.id);
  return { status: 200, body: '' };
}

function entitle({ state, deployment }: Call, features: Readonly<Record<string, boolean>>): void {
  const { switches } = state;
  state.apply(['switches', { ...switches, features: { ...switches.features, ...features } }]);
  deployment.refreshedAt = deployment.clock.now();
}

/** At most once a minute. */
function refresh(call: Call): Answer {
  const { deployment, caller } = call;
  if (!caller.isOwner()) throw forbidden();
  const now = deployment.clock.now();
  const wait = Math.ceil((deployment.refreshedAt + MINUTE - now) / 1000);
  if (wait > 0) {
    const message = `Entitlements already recently refreshed, please wait ${wait} seconds to force a new refresh`;
    throw new ApiFailure(400, message, '', [], { 'Retry-After': String(wait) });
  }
  deployment.refreshedAt = now;
  return json(200, { message: 'Entitlements refreshed' });
}

function claimsOf(token: string): JsonObject | null {
  const [, payload, signature, ...rest] = token.split('.');
  if (!payload || !signature || rest.length > 0) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isJsonObject(claims) ? claims : null;
  } catch {
    return null;
  }
}
