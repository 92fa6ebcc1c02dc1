import 'reflect-metadata';
import { Exclude, Type } from 'class-transformer';
import { A_SAFE_URL, isSafeUrl } from '../rules.js';
import { OidcSettings } from './oidc-settings.js';
import { PolicySettings, RulesSettings } from './policy-settings.js';
import {
  A_SECRET,
  Algorithms,
  Entries,
  Is,
  isMapping,
  Nested,
  Optional,
  Text,
  Texts,
  Whole,
} from './rules.js';

/** Connections of one bridge. */
const MOST_CONNECTIONS = 100;
const MOST_TOKENS = 50;
const MOST_CLIENTS = 20;
const MOST_SECRETS = 4;
const MOST_ISSUERS = 10;

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const A_NAME = 'lower-case letters, digits and hyphens, 1 to 63 of them, as it stands in the URL';
const LABEL = /^[^\p{Cc}]{1,100}$/u;
const A_LABEL = 'a text of 1 to 100 characters';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const AN_INSTANT = 'a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z';

const isInstant = (value: unknown): boolean =>
  value instanceof Date
    ? !Number.isNaN(value.getTime())
    : typeof value === 'string' &&
      /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(value) &&
      !Number.isNaN(Date.parse(value));

class TokenSettings {
  @Text(A_LABEL, LABEL)
  label!: string;

  @Text(A_SECRET, /./)
  secret!: string;

  @Optional()
  @Is(AN_INSTANT, isInstant)
  expires?: string | Date;
}

class ClientSettings {
  @Text('a client id: 1 to 100 letters, digits and . _ ~ -', /^[\w.~-]{1,100}$/)
  id!: string;

  @Texts(`a list of 1 to ${MOST_SECRETS} secrets, each ${A_SECRET}`, MOST_SECRETS)
  secrets!: string | string[];
}

class OAuthSettings {
  @Optional()
  @Whole(60, 360, ' minutes')
  tokenMinutes?: number;

  @Type(() => ClientSettings)
  @Entries(MOST_CLIENTS)
  clients!: ClientSettings[];
}

class JwtSettings {
  @Optional()
  @Text(A_LABEL, LABEL)
  label?: string;

  @Optional()
  @Text("the tenant's id (a UUID)", UUID)
  entraTenant?: string;

  @Optional()
  @Is(A_SAFE_URL, isSafeUrl)
  issuer?: string;

  @Optional()
  @Texts('a text or a list of at most 10', 10)
  audience?: string | string[];

  @Optional()
  @Is(A_SAFE_URL, isSafeUrl)
  jwksUri?: string;

  @Optional()
  @Algorithms()
  algorithms?: string | string[];

  @Optional()
  @Whole(0, 300, ' seconds')
  clockSkewSeconds?: number;

  @Optional()
  @Whole(1, 168, ' hours')
  keysMaxAgeHours?: number;

  @Optional()
  @Is('a mapping of names of claims to a text or a list of texts', isClaims)
  claims?: Record<string, string | string[]>;
}

function isClaims(value: unknown): boolean {
  return (
    isMapping(value) &&
    Object.values(value).every((wanted) => {
      const list: unknown = typeof wanted === 'string' ? [wanted] : wanted;
      return Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string');
    })
  );
}

/** One connection of the file. */
export class ConnectionSettings {
  @Text(A_NAME, NAME)
  name!: string;

  @Optional()
  @Text(A_NAME, NAME)
  formerly?: string;

  @Optional()
  @Text('the name or the id of an organization', /^[^\s/?#]{1,128}$/)
  organization?: string;

  @Optional()
  @Is(
    'a mapping of names of deviations to true or false',
    (value) => isMapping(value) && Object.values(value).every((on) => typeof on === 'boolean'),
  )
  dialects?: Record<string, boolean>;

  @Optional()
  @Type(() => PolicySettings)
  @Nested()
  policy?: PolicySettings;

  @Optional()
  @Type(() => RulesSettings)
  @Nested()
  rules?: RulesSettings;

  @Optional()
  @Type(() => TokenSettings)
  @Entries(MOST_TOKENS)
  tokens?: TokenSettings[];

  @Optional()
  @Type(() => OAuthSettings)
  @Nested()
  oauth?: OAuthSettings;

  @Optional()
  @Type(() => JwtSettings)
  @Entries(MOST_ISSUERS)
  jwt?: JwtSettings[];

  @Optional()
  @Type(() => OidcSettings)
  @Nested()
  oidc?: OidcSettings;

  // Put in as it stands in the file: names of claims are anybody's, also such as class-transformer stumbles over.
  @Exclude()
  @Optional()
  @Is('settings (a mapping of keys to values)', isMapping)
  idpSync?: unknown;

  @Optional()
  @Is('requests in a second, an integer from 1 to 100000, or off', isRate)
  rateLimit?: number | 'off' | false;

  @Optional()
  @Whole(1, 1_000_000, ' requests')
  rateBurst?: number;
}

// YAML 1.1 reads `off` as false.
function isRate(value: unknown): boolean {
  if (value === 'off' || value === false) return true;
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 100_000;
}

export type { ClientSettings, JwtSettings, TokenSettings };

/** The whole file. */
export class FileSettings {
  @Type(() => ConnectionSettings)
  @Is(
    `a list of 1 to ${MOST_CONNECTIONS} connections`,
    (value) => Array.isArray(value) && value.length > 0 && value.length <= MOST_CONNECTIONS,
  )
  @Entries(MOST_CONNECTIONS)
  connections!: ConnectionSettings[];
}
