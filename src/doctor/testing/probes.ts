import type { Probe, Probes, Unread } from '../probes.js';

export const NOW = Date.parse('2026-06-01T00:00:00Z');
export const DAY_MS = 86_400_000;

export const unread = (why: Unread['why'], reason = 'no'): { unread: Unread } => ({
  unread: { why, reason },
});

const feature = { entitlement: 'entitled', enabled: true };

/** A Coder on which all is well. */
export const WELL: Probes = {
  now: NOW,
  buildInfo: { value: { version: 'v2.26.0' } },
  entitlements: {
    value: {
      has_license: true,
      features: {
        template_rbac: feature,
        user_role_management: feature,
        multiple_organizations: feature,
        audit_log: feature,
        user_limit: { ...feature, limit: 100, actual: 50 },
      },
    },
  },
  licenses: { value: [{ id: 1, claims: { license_expires: (NOW + 300 * DAY_MS) / 1000 } }] },
  replicas: { value: [{ id: 'r1', error: '' }] },
  self: {
    value: {
      id: 'u1',
      username: 'bridge',
      email: 'b@x.io',
      status: 'active',
      created_at: '2026-01-01T00:00:00Z',
      organization_ids: ['o1'],
      roles: [{ name: 'owner' }],
    },
  },
  key: {
    value: { id: 'abcdefghij', login_type: 'token', expires_at: new Date(NOW + 90 * DAY_MS).toISOString() },
  },
  authMethods: { value: { oidc: { enabled: true } } },
  config: { value: { config: { oidc: {} } } },
  organization: { value: { id: 'o1', name: 'coder', is_default: true } },
  groupSync: { value: { field: '', mapping: {} } },
  roleSync: { value: { field: '', mapping: {} } },
  organizationSync: { value: { field: '', mapping: {} } },
  daemons: { value: [{ id: 'd1', name: 'a', last_seen_at: new Date(NOW - 1000).toISOString() }] },
  proxies: { value: [{ id: 'p1', name: 'eu', healthy: true }] },
};

/** The value of a probe that has one. */
export function given<T>(probe: Probe<T>): T {
  if ('unread' in probe) throw new Error('the probe has no value');
  return probe.value;
}

/** Entitlements as when all is well, with these features and other fields in place of theirs. */
export function entitled(features: Record<string, unknown>, more: object = {}): Probes['entitlements'] {
  const well = given(WELL.entitlements);
  return {
    value: { ...well, ...more, features: { ...well.features, ...features } as typeof well.features },
  };
}
