import { isJsonObject } from '../../common/index.js';
import type { State } from '../state/state.js';

export type Entitlement = 'entitled' | 'grace_period' | 'not_entitled';

/** Features that besides the licence need a switch of the server. */
const SWITCHED: Readonly<Record<string, (state: State) => boolean>> = {
  scim: (state) => state.switches.scimSecret !== '',
};

/**
 * What the licences together give: all rights, the grace after the date on the paper, or none. Without any paper the
 * switches alone decide.
 * @param now milliseconds since the epoch
 */
export function licenceState(state: State, now: number): Entitlement {
  const rows = state.tables.rows('license');
  if (rows.length === 0) return 'entitled';
  const lives = (name: string): boolean =>
    rows.some(({ claims }) => {
      const end = claims[name];
      return typeof end !== 'number' || end * 1000 > now;
    });
  if (lives('license_expires')) return 'entitled';
  return lives('exp') ? 'grace_period' : 'not_entitled';
}

export function entitlement(state: State, feature: string, now: number): Entitlement {
  return state.switches.features[feature] === true ? licenceState(state, now) : 'not_entitled';
}

/** Entitled or in grace, and switched on: what `enabled` says in the entitlements, and what routes ask for. */
export function isEnabled(state: State, feature: string, now: number): boolean {
  return entitlement(state, feature, now) !== 'not_entitled' && (SWITCHED[feature]?.(state) ?? true);
}

/** What admins are warned of; also the `X-Coder-Entitlements-Warning` headers. */
export function warnings(state: State, now: number): string[] {
  const texts: string[] = [];
  const { userLimit } = state.switches;
  if (state.activeUsers > userLimit) {
    texts.push(
      `Your deployment has ${state.activeUsers} active users but is only licensed for ${userLimit}.`,
    );
  }
  const licences = licenceState(state, now);
  if (licences === 'grace_period') texts.push('Your license has expired and is in its grace period.');
  if (licences === 'not_entitled') texts.push('Your license has expired.');
  return texts;
}

/** Features that a licence's claims name: `{"template_rbac": 1}`; `feature_set` premium or enterprise names many. */
export function featuresOf(claims: unknown, known: readonly string[]): string[] {
  if (!isJsonObject(claims)) return [];
  const named = isJsonObject(claims['features']) ? Object.entries(claims['features']) : [];
  const single = named.filter(([, value]) => value === true || (typeof value === 'number' && value > 0));
  const set = typeof claims['feature_set'] === 'string' ? claims['feature_set'].toLowerCase() : '';
  const whole =
    set === 'premium' ? known : set === 'enterprise' ? known.filter((name) => !PREMIUM.includes(name)) : [];
  return [...new Set([...whole, ...single.map(([name]) => name)])];
}

/** Not in the enterprise set. */
const PREMIUM = ['multiple_organizations', 'custom_roles'];
