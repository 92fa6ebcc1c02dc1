import { fail, ok, valueOf, warn, type Expectations, type Finding, type Probes } from '../probes.js';

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
/** What Coder writes for "never" is further away. */
const NEVER_DAYS = 36_500;

/** Whose token it is, and what it may do. */
export function tokenFindings({ self }: Probes): Finding[] {
  if ('unread' in self) {
    const refused = self.unread.why === 'token';
    return [
      refused
        ? fail(
            'token',
            'Coder refuses it.',
            'Make a new one for the account of the bridge, and set CODER_SESSION_TOKEN.',
          )
        : fail(
            'token',
            `Its account could not be read: ${self.unread.reason}`,
            'Ask again; then see CODER_URL.',
          ),
    ];
  }
  const site = self.value.roles.filter(({ organization_id: of }) => !of).map(({ name }) => name);
  if (site.includes('owner')) return [ok('token', 'Its account is an owner.')];
  if (site.includes('user-admin')) {
    return [
      warn(
        'token',
        'Its account is a user-admin: users and groups are kept, and no role can be given or taken.',
        'Give it the site role owner where roles are to be kept too.',
      ),
    ];
  }
  return [
    fail(
      'token',
      'Its account is neither owner nor user-admin: what Coder hides from it cannot be told from what is gone.',
      'Give it the site role owner.',
    ),
  ];
}

/** When the token ends. A token that ends stops everything. */
export function tokenExpiryFindings({ self, key, now }: Probes): Finding[] {
  const check = 'token-expiry';
  if ('unread' in self) return [];
  const read = valueOf(key);
  const end = Date.parse(read?.expires_at ?? '');
  const advice = 'Make a new one in time (coder tokens create --lifetime), and set CODER_SESSION_TOKEN.';
  if (!read || Number.isNaN(end)) return [warn(check, 'When it ends could not be read.', advice)];
  if (read.login_type !== undefined && read.login_type !== 'token') {
    return [
      warn(
        check,
        "It is the session of a person's login, and ends when it is not used.",
        'Make an API token.',
      ),
    ];
  }
  const days = Math.floor((end - now) / DAY_MS);
  if (days > NEVER_DAYS) return [ok(check, 'It does not end.')];
  const day = new Date(end).toISOString().slice(0, 10);
  if (days < SOON_DAYS) return [warn(check, `It ends on ${day}, in ${Math.max(0, days)} days.`, advice)];
  return [ok(check, `It ends on ${day}.`)];
}

/** Whether accounts of the wanted login type can be made. */
export function loginFindings({ authMethods }: Probes, { loginType }: Expectations): Finding[] {
  const read = valueOf(authMethods);
  if (!read) return [warn('login', 'How people log in could not be read.', 'Ask again.')];
  const offered = { oidc: read.oidc, github: read.github, password: read.password }[loginType];
  if (loginType === 'none' || offered?.enabled === true) {
    return [ok('login', `New accounts are of login type ${loginType}, which Coder takes.`)];
  }
  return [
    fail(
      'login',
      `New accounts are to be of login type ${loginType}, which is not set up in Coder: it refuses to make them.`,
      loginType === 'oidc'
        ? "Set CODER_OIDC_ISSUER_URL, _CLIENT_ID and _CLIENT_SECRET on Coder's server, or LOGIN_TYPE on the bridge."
        : 'Set it up in Coder, or set LOGIN_TYPE on the bridge.',
    ),
  ];
}

/** The organization that the bridge works in. */
export function organizationFindings({ organization }: Probes): Finding[] {
  if ('value' in organization) return [ok('organization', `${organization.value.name}.`)];
  const { why, reason } = organization.unread;
  if (why === 'token') return [];
  return [
    why === 'gone'
      ? fail(
          'organization',
          'It is not there, or hidden from this token.',
          'Set CODER_ORGANIZATION to its name or id, and make the account a member.',
        )
      : warn('organization', `It could not be read: ${reason}`, 'Ask again.'),
  ];
}
