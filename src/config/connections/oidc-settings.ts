import 'reflect-metadata';
import { Type } from 'class-transformer';
import { A_SAFE_URL, isSafeUrl } from '../rules.js';
import { HooksSettings } from './hooks-settings.js';
import { A_SECRET, Algorithms, Is, Nested, Optional, Text, Texts, Whole } from './rules.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CLIENT_ID = /^[\x21-\x7e]{1,256}$/;
const A_CLIENT_ID =
  'the client id that the provider gave: 1 to 256 printable ASCII characters without spaces';
/** RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
const AN_ANSWER = 'true or false';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';

/** Where `{tenantid}` stands for a tenant of Entra ID, whose discovery document has it so. */
const isIssuer = (value: unknown): boolean =>
  typeof value === 'string' && isSafeUrl(value.replace('{tenantid}', 'tenantid'));

const isClientAuthentication = (value: unknown): boolean =>
  value === 'client_secret_basic' || value === 'client_secret_post';

class GraphSettings {
  @Optional()
  @Is(A_SAFE_URL, isSafeUrl)
  url?: string;

  @Is(A_SAFE_URL, isSafeUrl)
  tokenEndpoint!: string;

  @Optional()
  @Text(A_CLIENT_ID, CLIENT_ID)
  clientId?: string;

  @Optional()
  @Text(A_SECRET, /./)
  clientSecret?: string;

  @Optional()
  @Is(AN_ANSWER, isFlag)
  securityEnabledOnly?: boolean;
}

/** `oidc` of a connection: its OpenID provider. */
export class OidcSettings {
  @Is(A_SAFE_URL, isIssuer)
  issuer!: string;

  @Optional()
  @Texts("a list of 1 to 100 tenants' ids (UUIDs)", 100, (text) => UUID.test(text))
  tenants?: string | string[];

  @Optional()
  @Text(A_CLIENT_ID, CLIENT_ID)
  clientId?: string;

  @Optional()
  @Text(A_SECRET, /./)
  clientSecret?: string;

  @Optional()
  @Is('one of client_secret_basic, client_secret_post', isClientAuthentication)
  clientAuthentication?: 'client_secret_basic' | 'client_secret_post';

  @Optional()
  @Texts('a text or a list of at most 10', 10)
  audience?: string | string[];

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
  @Whole(1, 1_440, ' minutes')
  maxAgeMinutes?: number;

  @Optional()
  @Is('one of optional, required', (value) => value === 'optional' || value === 'required')
  nonce?: 'optional' | 'required';

  @Optional()
  @Texts('a list of 1 to 20 scopes', 20, (text) => SCOPE.test(text))
  scopes?: string | string[];

  @Optional()
  @Texts('a list of 1 to 10 names of claims', 10)
  externalIdClaims?: string | string[];

  @Optional()
  @Whole(0, 10_000, ' values')
  groupsCap?: number;

  @Optional()
  @Is(AN_ANSWER, isFlag)
  mergeUserinfo?: boolean;

  @Optional()
  @Type(() => GraphSettings)
  @Nested()
  graph?: GraphSettings;

  @Optional()
  @Type(() => HooksSettings)
  @Nested()
  hooks?: HooksSettings;
}

export type { GraphSettings };
