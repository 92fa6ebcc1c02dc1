import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.js';
import type { Expectations, Probes, Result } from './probes.js';
import { DAY_MS, entitled, given, NOW, unread, WELL } from './testing/probes.js';

const EXPECTED: Expectations = { loginType: 'oidc', newUserStatus: 'dormant', whenSeatsRunOut: 'dormant' };
const OFF = { entitlement: 'not_entitled', enabled: false };
const day = (days: number): string => new Date(NOW + days * DAY_MS).toISOString();
const key = (more: object): Partial<Probes> => ({ key: { value: { ...given(WELL.key), ...more } } });
const roles = (...names: { name: string; organization_id?: string }[]): Partial<Probes> => ({
  self: { value: { ...given(WELL.self), roles: names } },
});
const licences = (...seconds: number[]): Partial<Probes> => ({
  licenses: { value: seconds.map((license_expires, id) => ({ id, claims: { license_expires } })) },
});
const field = (text: string) => ({ value: { field: text, mapping: {} } });
const at = (days: number): number => (NOW + days * DAY_MS) / 1000;
const seats = (limit: number, actual: number): Partial<Probes> => ({
  entitlements: entitled({ user_limit: { entitlement: 'entitled', enabled: true, limit, actual } }),
});

/** What differs from a well Coder; the check; how it comes out; and what is said. */
const CASES: readonly (readonly [what: string, Partial<Probes>, check: string, Result, RegExp])[] = [
  ['a version of today', {}, 'version', 'ok', /^v2\.26\.0\.$/],
  [
    'a development build',
    { buildInfo: { value: { version: 'v2.26.0-devel+abc' } } },
    'version',
    'ok',
    /devel/,
  ],
  [
    'a version without settings of sync',
    { buildInfo: { value: { version: 'v2.15.9' } } },
    'version',
    'warn',
    /sync/,
  ],
  ['the first version with them', { buildInfo: { value: { version: 'v2.16.0' } } }, 'version', 'ok', /2\.16/],
  [
    'a version of 2022',
    { buildInfo: { value: { version: 'v0.12.0' } } },
    'version',
    'fail',
    /older than v2\.2/,
  ],
  ['the oldest version', { buildInfo: { value: { version: 'v2.2.0' } } }, 'version', 'warn', /sync/],
  ['what is no version', { buildInfo: { value: { version: 'main' } } }, 'version', 'warn', /no version/],

  ['an owner', {}, 'token', 'ok', /owner/],
  ['a user-admin', roles({ name: 'user-admin' }), 'token', 'warn', /no role/],
  ['a member', roles(), 'token', 'fail', /neither/],
  [
    'an owner of one organization',
    roles({ name: 'owner', organization_id: 'o1' }),
    'token',
    'fail',
    /neither/,
  ],
  ['a refused token', { self: unread('token') }, 'token', 'fail', /refuses/],
  ['an account that cannot be read', { self: unread('unknown', 'timed out') }, 'token', 'fail', /timed out/],

  ['a token of months', {}, 'token-expiry', 'ok', /2026-08-30/],
  ['a token that ends soon', key({ expires_at: day(13) }), 'token-expiry', 'warn', /in 13 days/],
  ['a token that does not end', key({ expires_at: '9999-12-31T00:00:00Z' }), 'token-expiry', 'ok', /not end/],
  ['a session', key({ login_type: 'oidc' }), 'token-expiry', 'warn', /session/],
  ['a token that is not shown', { key: unread('gone') }, 'token-expiry', 'warn', /not be read/],

  ['an organization', {}, 'organization', 'ok', /coder/],
  ['no such organization', { organization: unread('gone') }, 'organization', 'fail', /not there/],
  [
    'an organization that is not read',
    { organization: unread('unknown', '502') },
    'organization',
    'warn',
    /502/,
  ],

  ['a licence', {}, 'licence', 'ok', /Valid/],
  ['a trial', { entitlements: entitled({}, { trial: true }) }, 'licence', 'ok', /trial/],
  ['no licence', { entitlements: entitled({}, { has_license: false }) }, 'licence', 'fail', /none/],
  [
    'a warning',
    { entitlements: entitled({}, { warnings: ['Ends\u001b[2J soon'] }) },
    'licence',
    'warn',
    /^Ends \[2J soon$/,
  ],
  [
    'an error',
    { entitlements: entitled({}, { errors: ['Ended'], warnings: ['x'] }) },
    'licence',
    'fail',
    /^Ended x$/,
  ],
  ['entitlements that are not read', { entitlements: unread('unknown') }, 'licence', 'warn', /not be read/],

  ['a licence of months', {}, 'licence-expiry', 'ok', /2027-03-28/],
  ['a licence that ends soon', licences(at(29)), 'licence-expiry', 'warn', /in 29 days/],
  ['a licence that has ended', licences(at(-1)), 'licence-expiry', 'fail', /ended/],
  ['a licence after another', licences(at(-1), at(40)), 'licence-expiry', 'ok', /ends on/],
  ['a licence beyond all dates', licences(1e30), 'licence-expiry', 'ok', /No licence names/],
  ['licences that are hidden', { licenses: unread('denied') }, 'licence-expiry', 'ok', /Not shown/],

  ['seats left', {}, 'seats', 'ok', /^50 of 100 used, 50 left\. New users are dormant until they log in\.$/],
  ['a tenth of the seats left', seats(100, 90), 'seats', 'ok', /10 left/],
  ['few seats left', seats(100, 91), 'seats', 'warn', /9 left/],
  ['no seat left', seats(100, 101), 'seats', 'fail', /0 left/],
  ['seats without a limit', seats(0, 7), 'seats', 'ok', /^7 used, without/],

  ['groups', {}, 'groups', 'ok', /is on/],
  ['no template_rbac', { entitlements: entitled({ template_rbac: OFF }) }, 'groups', 'fail', /pushes none/],
  ['no audit log', { entitlements: entitled({ audit_log: OFF }) }, 'audit', 'warn', /no change/],
  [
    "Coder's own SCIM",
    { entitlements: entitled({ scim: { entitlement: 'entitled', enabled: true } }) },
    'own-scim',
    'warn',
    /is on/,
  ],

  ['OIDC', {}, 'login', 'ok', /oidc/],
  ['no OIDC', { authMethods: { value: { oidc: { enabled: false } } } }, 'login', 'fail', /refuses/],
  ['login methods that are not read', { authMethods: unread('unknown') }, 'login', 'warn', /not be read/],

  ['no group sync', {}, 'group-sync', 'ok', /alone/],
  ['group sync', { groupSync: field('groups') }, 'group-sync', 'fail', /out of the groups/],
  [
    'group sync without the feature',
    { groupSync: field('groups'), entitlements: entitled({ template_rbac: OFF }) },
    'group-sync',
    'ok',
    /feature template_rbac is off/,
  ],
  ['hidden group sync', { groupSync: unread('denied') }, 'group-sync', 'warn', /not shown/],
  ['role sync', { roleSync: field('roles') }, 'role-sync', 'warn', /replaces/],
  ['organization sync', { organizationSync: field('orgs') }, 'organization-sync', 'fail', /refuses/],
  [
    'site role sync',
    { config: { value: { config: { oidc: { user_role_field: 'r' } } } } },
    'site-role-sync',
    'warn',
    /site roles/,
  ],

  ['one replica', {}, 'replicas', 'ok', /1 running/],
  [
    'a replica with an error',
    { replicas: { value: [{ id: 'r1', error: 'x' }] } },
    'replicas',
    'warn',
    /1 of 1/,
  ],
  [
    'replicas without the feature',
    {
      replicas: { value: [{ id: 'r1' }, { id: 'r2' }] },
      entitlements: entitled({ high_availability: OFF }),
    },
    'replicas',
    'warn',
    /without the feature/,
  ],
  ['hidden replicas', { replicas: unread('denied') }, 'replicas', 'ok', /not shown/],
  ['a provisioner', {}, 'provisioners', 'ok', /1 of 1/],
  ['no provisioner', { daemons: { value: [] } }, 'provisioners', 'warn', /none/],
  [
    'a provisioner that is away',
    { daemons: { value: [{ id: 'd', name: 'd', last_seen_at: day(-1) }] } },
    'provisioners',
    'warn',
    /None of 1/,
  ],
  [
    'a provisioner that says so',
    { daemons: { value: [{ id: 'd', name: 'd', status: 'offline' }] } },
    'provisioners',
    'warn',
    /None of 1/,
  ],
  ['a proxy', {}, 'proxies', 'ok', /1 healthy/],
  [
    'an ill proxy',
    { proxies: { value: [{ id: 'p', name: 'p', healthy: false }] } },
    'proxies',
    'warn',
    /1 of 1/,
  ],
  [
    'a deleted proxy',
    { proxies: { value: [{ id: 'p', name: 'p', healthy: false, deleted: true }] } },
    'proxies',
    'ok',
    /None/,
  ],
];

const diagnosed = (more: Partial<Probes>, expected = EXPECTED) => diagnose({ ...WELL, ...more }, expected);

describe('the diagnosis', () => {
  it.each(CASES)('of %s', (_what, more, check, result, said) => {
    const found = diagnosed(more).findings.filter((finding) => finding.check === check);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ result, finding: expect.stringMatching(said) });
    // What is not well comes with what to do about it.
    expect(found[0]!.advice === undefined).toBe(result === 'ok');
  });

  it('of a Coder on which all is well is ok in every row', () => {
    const { result, findings, version, at: when } = diagnosed({});
    expect(findings.filter((finding) => finding.result !== 'ok')).toEqual([]);
    expect({ result, version, when }).toEqual({
      result: 'ok',
      version: 'v2.26.0',
      when: '2026-06-01T00:00:00.000Z',
    });
  });

  it('is as bad as its worst row', () => {
    expect(diagnosed({ roleSync: field('r') }).result).toBe('warn');
    expect(diagnosed({ roleSync: field('r'), ...roles() }).result).toBe('fail');
  });

  it('of a Coder that does not answer is one row', () => {
    const { findings, result, groups } = diagnosed({
      buildInfo: unread('unknown', 'no answer within 15000 ms'),
      entitlements: unread('unknown'),
    });
    expect(result).toBe('fail');
    expect(findings).toEqual([
      expect.objectContaining({ check: 'coder', finding: expect.stringMatching(/15000 ms/) }),
    ]);
    expect(groups).toBeNull();
  });

  it.each([
    ['on', WELL.entitlements, true],
    ['off', entitled({ template_rbac: OFF }), false],
    ['absent', entitled({ template_rbac: undefined }), false],
    ['not read', unread('unknown'), null],
  ])('knows whether groups can be kept: the feature is %s', (_what, entitlements, groups) => {
    expect(diagnosed({ entitlements }).groups).toBe(groups);
  });

  it.each([
    ['group-sync', { groupSync: field('groups') }],
    ['role-sync', { roleSync: field('roles') }],
    ['organization-sync', { organizationSync: field('orgs') }],
  ])('names the hand-over for the %s where the bridge takes claims, and else not', (check, probes) => {
    const advice = (takesClaims: boolean): string | undefined =>
      diagnose({ ...WELL, ...probes }, { ...EXPECTED, takesClaims }).findings.find(
        (finding) => finding.check === check,
      )?.advice;
    expect(advice(true)).toContain('idp-bridge rules hand-over');
    expect(advice(false)).toContain('Empty its field');
  });

  it('says nothing of what this version lacks, nor of what hangs on a refused token', () => {
    const missing = {
      groupSync: unread('missing'),
      roleSync: unread('missing'),
      organizationSync: unread('missing'),
    };
    const checks = diagnosed(missing).findings.map(({ check }) => check);
    expect(checks).not.toContain('group-sync');
    const refused = diagnosed({
      self: unread('token'),
      organization: unread('token'),
      groupSync: unread('token'),
    });
    const named = refused.findings.map(({ check }) => check);
    expect(named).toContain('token');
    for (const check of ['organization', 'group-sync', 'token-expiry']) expect(named).not.toContain(check);
  });

  it.each([
    ['active', 'dormant', 5, 'With none left, new users are made dormant.'],
    ['active', 'dormant', 9, 'New users are made dormant.'],
    ['active', 'refuse', 5, 'With none left, new users are refused (WHEN_SEATS_RUN_OUT).'],
    ['dormant', 'refuse', 9, 'New users are refused (WHEN_SEATS_RUN_OUT).'],
    ['dormant', 'dormant', 9, 'New users are dormant until they log in.'],
  ] as const)(
    'of seats says what becomes of new users (%s, %s, %i of 9)',
    (newUserStatus, whenSeatsRunOut, used, said) => {
      const { findings, seats: counted } = diagnosed(seats(9, used), {
        ...EXPECTED,
        newUserStatus,
        whenSeatsRunOut,
      });
      expect(findings.find(({ check }) => check === 'seats')?.finding).toContain(said);
      expect(counted).toEqual({ limit: 9, used });
    },
  );

  it('of seats says what helps with the status that new accounts get', () => {
    const advice = (newUserStatus: 'active' | 'dormant') =>
      diagnosed(seats(100, 100), { ...EXPECTED, newUserStatus }).findings.find(
        ({ check }) => check === 'seats',
      )?.advice;
    expect(advice('active')).toMatch(/NEW_USER_STATUS=dormant/);
    expect(advice('dormant')).not.toMatch(/NEW_USER_STATUS/);
  });

  it('asks for the login type that new accounts are to have', () => {
    const login = (loginType: string) =>
      diagnosed(
        { authMethods: { value: { password: { enabled: true } } } },
        { ...EXPECTED, loginType },
      ).findings.find(({ check }) => check === 'login')?.result;
    expect([login('password'), login('none'), login('github'), login('oidc')]).toEqual([
      'ok',
      'ok',
      'fail',
      'fail',
    ]);
  });
});
