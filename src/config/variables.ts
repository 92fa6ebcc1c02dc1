import { isCronExpression } from './cron.js';
import {
  A_SAFE_URL,
  BARE_HTTP_URL,
  Flag,
  HttpUrl,
  Integer,
  isSafeUrl,
  isUrl,
  ListOf,
  OneOf,
  ServerUrl,
  Text,
  Token,
} from './rules.js';

export const ROLES = ['api', 'worker', 'scheduler'] as const;
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What CODER_URL says to ask for the simulator where the embedded engine does not imply it. */
export const SIMULATOR = 'simulator';

const ROLE = /^(?:\*|[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*)$/;
const NAME = /^[^\s/?#]{1,128}$/;
const BUDGET = /^(\d{1,6}),(\d{1,3})%$/;

/** The environment variables of the bridge, as text becomes them. What is not set is undefined; defaults come after. */
export class Variables {
  @Integer(0, 65_535)
  PORT?: number;

  @Text('a host name or an address', (text) => /^[A-Za-z0-9.:_-]{1,255}$/.test(text))
  HOST?: string;

  @HttpUrl()
  PUBLIC_URL?: string;

  @Text('a file', (text) => !text.includes('\0'))
  BRIDGE_CONFIG?: string;

  @ListOf(`a list of ${ROLES.join(', ')}`, (item) => ROLES.some((role) => role === item))
  BRIDGE_ROLES?: string[];

  @OneOf(LOG_LEVELS)
  LOG_LEVEL?: (typeof LOG_LEVELS)[number];

  @ServerUrl('postgres', 'postgresql')
  DATABASE_URL?: string;

  @Text('a folder', (text) => !text.includes('\0'))
  DATA_DIR?: string;

  @ServerUrl('redis', 'rediss')
  REDIS_URL?: string;

  @Text(
    `${BARE_HTTP_URL}, or ${SIMULATOR}`,
    (text) => text === SIMULATOR || isUrl(text, ['http', 'https'], true),
  )
  CODER_URL?: string;

  @Text('a token of printable ASCII characters without spaces', (text) => /^[\x21-\x7e]+$/.test(text))
  CODER_SESSION_TOKEN?: string;

  @Text('the name or the id of an organization', (text) => NAME.test(text))
  CODER_ORGANIZATION?: string;

  @Integer(-1, 1_000_000, 'requests per minute and path (1 to 1000000), or -1 for no limit', 0)
  CODER_RATE_LIMIT?: number;

  @Token()
  SCIM_TOKEN?: string;

  @Integer(0, 60_000, 'milliseconds from 0 to 60000')
  SCIM_WAIT_MS?: number;

  @Integer(-1, 100_000, 'requests per second and connection (1 to 100000), or -1 for no limit', 0)
  SCIM_RATE_LIMIT?: number;

  @Text(A_SAFE_URL, isSafeUrl)
  OIDC_ISSUER?: string;

  @Text('a client id of printable ASCII characters without spaces', (text) =>
    /^[\x21-\x7e]{1,256}$/.test(text),
  )
  OIDC_CLIENT_ID?: string;

  @Token()
  OIDC_CLIENT_SECRET?: string;

  @ListOf('a list of audiences', (item) => item.length <= 1_024)
  OIDC_AUDIENCE?: string[];

  @Integer(0, 3_650, 'days from 0 to 3650')
  REQUEST_LOG_DAYS?: number;

  @Flag()
  REQUEST_LOG_VALUES?: boolean;

  @Token()
  ADMIN_TOKEN?: string;

  @Flag()
  DRY_RUN?: boolean;

  @Text('a count and a share such as 10,20%, or off', (text) => text === 'off' || isBudget(text))
  SAFETY_BUDGET?: string;

  @Text('a cron expression of five or six fields', isCronExpression)
  FULL_SYNC_CRON?: string;

  @Text('a cron expression of five or six fields', isCronExpression)
  IDP_SYNC_CRON?: string;

  @OneOf(['dormant', 'active'])
  NEW_USER_STATUS?: 'dormant' | 'active';

  @OneOf(['oidc', 'password', 'github', 'none'])
  LOGIN_TYPE?: 'oidc' | 'password' | 'github' | 'none';

  @OneOf(['suspend', 'delete'])
  DELETE_USERS?: 'suspend' | 'delete';

  @OneOf(['email', 'approve', 'never'])
  ADOPT_USERS?: 'email' | 'approve' | 'never';

  @OneOf(['never', 'empty', 'always'])
  ADOPT_GROUPS?: 'never' | 'empty' | 'always';

  @Flag()
  RENAME_USERS?: boolean;

  @ListOf('a list of usernames and email addresses', (item) => item.length <= 320)
  PROTECTED_USERS?: string[];

  @ListOf('a list of names of groups', (item) => item.length <= 320)
  PROTECTED_GROUPS?: string[];

  @ListOf('a list of roles of the site, or *', (item) => ROLE.test(item))
  SITE_ROLES?: string[];

  @ListOf('a list of roles in organizations, or *', (item) => ROLE.test(item))
  ORGANIZATION_ROLES?: string[];

  @Flag()
  STRICT?: boolean;

  @Flag()
  REVOKE_TOKENS?: boolean;

  @Flag()
  STOP_WORKSPACES?: boolean;

  @Flag()
  REVOKE_ON_LOGOUT?: boolean;

  @Flag()
  CREATE_FROM_CLAIMS?: boolean;

  @OneOf(['dormant', 'refuse'])
  WHEN_SEATS_RUN_OUT?: 'dormant' | 'refuse';
}

/** The keys above, none forgotten. */
const EVERY_KEY: Record<keyof Variables, true> = {
  PORT: true,
  HOST: true,
  PUBLIC_URL: true,
  BRIDGE_CONFIG: true,
  BRIDGE_ROLES: true,
  LOG_LEVEL: true,
  DATABASE_URL: true,
  DATA_DIR: true,
  REDIS_URL: true,
  CODER_URL: true,
  CODER_SESSION_TOKEN: true,
  CODER_ORGANIZATION: true,
  CODER_RATE_LIMIT: true,
  SCIM_TOKEN: true,
  SCIM_WAIT_MS: true,
  SCIM_RATE_LIMIT: true,
  OIDC_ISSUER: true,
  OIDC_CLIENT_ID: true,
  OIDC_CLIENT_SECRET: true,
  OIDC_AUDIENCE: true,
  REQUEST_LOG_DAYS: true,
  REQUEST_LOG_VALUES: true,
  ADMIN_TOKEN: true,
  DRY_RUN: true,
  SAFETY_BUDGET: true,
  FULL_SYNC_CRON: true,
  IDP_SYNC_CRON: true,
  NEW_USER_STATUS: true,
  LOGIN_TYPE: true,
  DELETE_USERS: true,
  ADOPT_USERS: true,
  ADOPT_GROUPS: true,
  RENAME_USERS: true,
  PROTECTED_USERS: true,
  PROTECTED_GROUPS: true,
  SITE_ROLES: true,
  ORGANIZATION_ROLES: true,
  STRICT: true,
  REVOKE_TOKENS: true,
  STOP_WORKSPACES: true,
  REVOKE_ON_LOGOUT: true,
  CREATE_FROM_CLAIMS: true,
  WHEN_SEATS_RUN_OUT: true,
};
export const KEYS = Object.keys(EVERY_KEY);

/** The count and the share (0..1) of a safety budget; undefined for anything else. */
export function parseBudget(text: string): { count: number; share: number } | undefined {
  const match = BUDGET.exec(text.replaceAll(' ', ''));
  if (match === null) return undefined;
  const [count, percent] = [Number(match[1]), Number(match[2])];
  return percent <= 100 ? { count, share: percent / 100 } : undefined;
}

function isBudget(text: string): boolean {
  return parseBudget(text) !== undefined;
}
